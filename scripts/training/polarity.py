"""Makes `polarity.bin`: negative, neutral or positive, fitted to tweets in eight languages, with word lists of twelve."""

from pathlib import Path

from scripts.training import Trained
from scripts.training.feeling import Recipe
from scripts.training.felt import SENTIMENTS, sentiments
from scripts.training.felt_models import exclusive
from shared.textmodel.features import Shape

RECIPE = Recipe(Shape(bits=22, shortest=2, longest=5, tongue=True), strength=2.0, fewest=2, clipped=4.0)
"""Found on a third of the training tweets, of subjects that the other two thirds do not have."""


def train(data: Path) -> Trained:
    """The model out of what `data` has of UMSAB, TweetEval and GoEmotions (train.csv, val.csv, sentiment_val.csv)."""
    return exclusive("polarity", sentiments(data), SENTIMENTS, RECIPE, tongues=True)
