"""Small linear text models: hashed n-grams, one byte a weight, scored in plain Python.

`features` turns a text into feature numbers, the same when a model is made (`scripts/train-models`) and when it is asked;
`linear` reads a model's file and scores. The files are in `files/`; each says in its header what it was made of.
"""
