"""From feedback to better models.

sums.py        what one feedback adds to the sums of its day
intervals.py   intervals of means, shares and their differences
summary.py     sums to figures, and two periods against each other
records.py     feedback on one answer: read, joined, stored
reading.py     the sums, the comments and the fleet's totals of a period
fleet.py       the fleet's totals, day by day
"""
