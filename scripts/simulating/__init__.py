"""`scripts/simulate`.

traffic.py   who comes and what they do: synthetic units, or those of a recorded experiment's looks
api.py       the experiments' API as an operator and an app use it
course.py    one experiment from its creation to its end, looked at again and again
"""
