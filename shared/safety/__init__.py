"""Safety verdicts on text, what to say when somebody needs help, and what must not be shown or shared."""

VERSION = "rules-5, models-3"
"""Part of every cache key: raise it with every change of rules, lines or models, and no older answer is found again."""
