"""What to learn with next: scoring, diversity and reasons without any model, and the learner's feed over a stored catalogue.

scoring.py     one item for one learner: features in 0..1, weights as data
diversity.py   an order in which neighbours differ
ranking.py     both together: positions, scores, reasons, the place for something new
phrases.py     the reasons in twelve languages
serving.py     the stored catalogue, what the learner has done, pages
"""
