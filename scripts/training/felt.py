"""The labelled texts of affect, as rows: who said it in which language, its labels, how much it counts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scripts.evaluating.reading import columns, table
from scripts.training import Unfit, source

UMSAB = {
    "arabic": "ar",
    "english": "en",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "portuguese": "pt",
    "spanish": "es",
}
SENTIMENTS = ("negative", "neutral", "positive")
TWEETS = (
    "no restriction by the repository, whose texts are under Twitter's terms; hashed weights hold no text and no user"
)
LICENCES = {
    "sentiment_umsab": f"Apache-2.0 (repository cardiffnlp/xlm-t); {TWEETS}",
    "sentiment_tweeteval": TWEETS,
    "affect_goemotions": "Apache-2.0 (GoEmotions, Google)",
    "affect_mooc_urgency": "MIT for the code, none stated for the posts: a model made of them does not ship",
}
_GLAD = frozenset(
    [
        "admiration",
        "amusement",
        "approval",
        "caring",
        "desire",
        "excitement",
        "gratitude",
        "joy",
        "love",
        "optimism",
        "pride",
        "relief",
    ]
)
_SORRY = frozenset(
    [
        "anger",
        "annoyance",
        "disappointment",
        "disapproval",
        "disgust",
        "embarrassment",
        "fear",
        "grief",
        "nervousness",
        "remorse",
        "sadness",
    ]
)
"""The positive and the negative feelings, as GoEmotions itself groups them (Demszky et al. 2020, figure 2)."""
EVERY = 2
"""Of GoEmotions every second comment counts towards sentiment, and little: it is about words, not about tweets."""
_COMMENT_WEIGHT, _TWEET_WEIGHT = 0.2, 0.5


@dataclass(frozen=True)
class Row:
    """One labelled text."""

    text: str
    language: str
    labels: frozenset[str]
    weight: float = 1.0
    aside: bool = False
    """Of another kind than the texts that the model is for: how often it has which label says nothing of them."""


@dataclass(frozen=True)
class Corpus:
    """Rows, and what is said of where they come from."""

    rows: tuple[Row, ...]
    sources: tuple[dict[str, Any], ...]


def umsab(data: Path, *names: str) -> tuple[list[Row], list[Path]]:
    """Tweets in eight languages, from the files of these names."""
    paths = [path for name in names for path in _with(data, name, "lang", "text", "label")]
    rows = [Row(row["text"], UMSAB[row["lang"]], frozenset((row["label"],))) for path in paths for row in table(path)]
    return rows, paths


def tweets(data: Path, name: str) -> tuple[list[Row], list[Path]]:
    """English tweets with one label each."""
    paths = list(_with(data, name, "text", "label"))
    return [Row(row["text"], "en", frozenset((row["label"],))) for path in paths for row in table(path)], paths


def comments(data: Path, *names: str) -> tuple[list[Row], list[Path]]:
    """English comments with one or more of 28 labels."""
    paths = [path for name in names for path in _with(data, name, "text", "labels")]
    rows = [Row(row["text"], "en", frozenset(row["labels"].split("|"))) for path in paths for row in table(path)]
    return rows, paths


def sentiments(data: Path) -> Corpus:
    """Everything that says something of sentiment. Raises Unfit where there is nothing."""
    parts: list[tuple[str, list[Row], list[Path]]] = []
    parts.append(("sentiment_umsab", *umsab(data, "train.csv", "val.csv")))
    rows, paths = tweets(data, "sentiment_val.csv")
    alone = not parts[0][1]
    parts.append(("sentiment_tweeteval", [replace(row, weight=1 if alone else _TWEET_WEIGHT) for row in rows], paths))
    rows, paths = comments(data, "train.csv")
    parts.append(
        (
            "affect_goemotions",
            [replace(row, weight=_COMMENT_WEIGHT, aside=True) for row in map(_as_sentiment, rows[::EVERY]) if row],
            paths,
        )
    )
    return corpus(parts)


def corpus(parts: list[tuple[str, list[Row], list[Path]]]) -> Corpus:
    """The parts that there are, as one. Raises Unfit where there is none."""
    there = [part for part in parts if part[1]]
    if not there:
        raise Unfit("the folder has none of the files that this model is made of")
    sources = tuple(source(name, LICENCES[name], paths, len(rows)) for name, rows, paths in there)
    return Corpus(tuple(row for _, rows, _ in there for row in rows), sources)


def _with(data: Path, name: str, *needed: str) -> Iterator[Path]:
    # Several sets have a train.csv: the columns tell them apart.
    return (path for path in sorted(data.rglob(name)) if columns(path).issuperset(needed))


def _as_sentiment(row: Row) -> Row | None:
    glad, sorry = bool(row.labels & _GLAD), bool(row.labels & _SORRY)
    if glad == sorry:
        return Row(row.text, row.language, frozenset(("neutral",))) if row.labels == {"neutral"} else None
    return Row(row.text, row.language, frozenset(("positive" if glad else "negative",)))
