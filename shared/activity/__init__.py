"""What happens, from the requests to the sums.

events.py   the events, and the outbox documents they travel in (committed with what they tell of)
fold.py     takes the outbox's events place by place and has each consumer count them, once
"""
