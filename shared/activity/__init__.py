"""What happens, from the requests to the sums.

events.py     the events, and the outbox documents they travel in (committed with what they tell of)
consumer.py   what counts events: the documents it needs, and what they look like afterwards
portions.py   a batch's part of the outbox
fold.py       takes the outbox's events place by place and has each consumer count them, once
"""
