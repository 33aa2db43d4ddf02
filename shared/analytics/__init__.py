"""What the product does and what comes of it, by hour, day and learner.

rollup.py           an hour's or a day's sums, as they are stored
histogram.py        times, counted so that quantiles can be told
items.py            the busiest items in bounded space
learner.py          a learner's days and sessions, and what they count for
counting.py         events into all of these
reading.py          a period's sums; the nightly compaction
figures.py          sums to figures with intervals
overview.py         … the overview; trends.py one metric's course; person.py one learner; performance.py the last hours
recommendation.py   which model to ask first
serving.py          what the function's handlers are made of
"""
