"""Makes `emotion.bin`: anger, joy, optimism or sadness, fitted to English tweets."""

from pathlib import Path

from scripts.training import Trained
from scripts.training.feeling import Recipe
from scripts.training.felt import corpus, tweets
from scripts.training.felt_models import exclusive
from shared.affect.reading import EMOTIONS
from shared.textmodel.features import Shape

RECIPE = Recipe(Shape(bits=21, shortest=2, longest=5, tongue=True), strength=3.0)


def train(data: Path) -> Trained:
    """The model out of TweetEval's emotion_train.csv. Raises Unfit without it."""
    rows, paths = tweets(data, "emotion_train.csv")
    return exclusive("emotion", corpus([("sentiment_tweeteval", rows, paths)]), EMOTIONS, RECIPE, tongues=False)
