"""Which of the twelve languages a message is written in: a quick guess, and the choice of the language to answer in.

Script first, then function words. It is a guess without any dependency, good for whole sentences and undecided on single
words; a measured library is to take the place of `guess` behind the same signature.
"""

import re

from shared.language.names import LANGUAGES, normalise
from shared.language.words import ENDINGS, FOREIGN, GREETINGS, LETTERS, OTHER, WORDS

_SAMPLE = 400  # characters looked at: more does not change the guess, and the cost stays bounded
_ENOUGH = 2.5  # the score from which a Latin guess counts as confident
_LEAD = 1.25  # how many times the runner-up the winner must have
_DENSITY = 3  # letters of Latin that weigh as much as one of another script, when a message mixes them

_NON_LATIN = re.compile(
    "(?P<kana>[\u3041-\u30ff\uff66-\uff9d]+)|(?P<hangul>[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]+)"
    "|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff]+)|(?P<arabic>[\u0620-\u06d3]+)"
    "|(?P<devanagari>[\u0900-\u097f]+)|(?P<cyrillic>[\u0400-\u04ff]+)"
)
_LATIN_LETTERS = re.compile("[a-zA-Z\u00c0-\u024f]")
_WORD = re.compile("[a-z\u00df-\u024f\u1ea0-\u1ef9]+(?:'[a-z]*)?")

# Letters that say "this script, but none of our languages": Persian and Urdu; Ukrainian, Serbian, Kazakh and others.
_NOT_ARABIC = re.compile("[\u067e\u0686\u0698\u06a9\u06af\u06cc\u0679\u0688\u0691\u06ba\u06d2]")
_NOT_RUSSIAN = re.compile(
    "[\u0404\u0406\u0407\u0454\u0456\u0457\u0490\u0491\u0402-\u040f\u0452\u0453\u0455\u0458-\u045f\u0492-\u04ff]"
)

_INDEX = {code: position for position, code in enumerate(WORDS)}
_RIVAL = len(_INDEX)  # the place in a score list that collects signs of languages which are not ours


def _weights(table: dict[str, list[str]], full: float) -> dict[str, tuple[tuple[int, float], ...]]:
    """Word -> (place, weight) pairs: `full` for a word of one language, shared out evenly otherwise."""
    places: dict[str, set[int]] = {}
    for code, words in table.items():
        for word in words:
            places.setdefault(word, set()).add(_INDEX.get(code, _RIVAL))
    return {word: tuple((place, full / len(found)) for place in sorted(found)) for word, found in places.items()}


_BY_WORD = _weights({**{code: words.split() for code, words in WORDS.items()}, "other": OTHER.split()}, 2.0)
_BY_WORD |= _weights({code: words.split() for code, words in GREETINGS.items()}, 3.0)
_BY_ENDING = _weights({code: words.split() for code, words in ENDINGS.items()}, 1.0)
_BY_LETTER = _weights({**{code: list(letters) for code, letters in LETTERS.items()}, "other": list(FOREIGN)}, 1.5)


def guess(text: str) -> str | None:
    """The code of the language of `text`, or None: too short, undecided, or none of the twelve.

    Pure. Looks at the first 400 characters. A message in another script with some Latin words in it (names, code, terms) is
    of that script's language, unless a confident Latin sentence outweighs it ("How do I say 猫 in French?").
    """
    sample = text[:_SAMPLE]
    if sample.isascii():
        return _guess_latin(sample)
    counts = _scripts(sample)
    if not counts:
        return _guess_latin(sample)
    if _DENSITY * sum(counts.values()) < len(_LATIN_LETTERS.findall(sample)):
        latin = _guess_latin(sample)
        if latin is not None:
            return latin
    return _by_script(counts, sample)


def _scripts(sample: str) -> dict[str, int]:
    """Letters of each script but Latin."""
    counts: dict[str, int] = {}
    for match in _NON_LATIN.finditer(sample):
        script = match.lastgroup or ""
        counts[script] = counts.get(script, 0) + match.end() - match.start()
    return counts


def _by_script(counts: dict[str, int], sample: str) -> str | None:
    """The language of the script that has most letters. Kana and Chinese characters together are Japanese."""
    kana, han = counts.get("kana", 0), counts.get("han", 0)
    if kana * 12 >= han and kana:
        counts = {**counts, "kana": kana + han, "han": 0}
    script = max(counts, key=lambda name: counts[name])
    if script == "arabic":
        return None if _NOT_ARABIC.search(sample) else "ar"
    if script == "cyrillic":
        return None if _NOT_RUSSIAN.search(sample) else "ru"
    return {"kana": "ja", "hangul": "ko", "han": "zh", "devanagari": "hi"}[script]


def _guess_latin(sample: str) -> str | None:
    """Score of function words, word endings and telling letters; None below the threshold or without a clear lead."""
    lowered = sample.lower()
    if not lowered.isascii():
        lowered = lowered.replace("\u2019", "'")
    scores = [0.0] * (_RIVAL + 1)
    for word in _WORD.findall(lowered):
        _score(word, scores)
    if not lowered.isascii():
        for letter in set(lowered):
            for place, weight in _BY_LETTER.get(letter, ()):
                scores[place] += weight
    best = max(scores)
    place = scores.index(best)
    if place == _RIVAL or best < _ENOUGH:
        return None
    scores[place] = 0.0
    return None if best < _LEAD * max(scores) else tuple(_INDEX)[place]


def _score(word: str, scores: list[float]) -> None:
    """Add what one word says; an elided article (`l'`, `qu'`) and what follows it count as two words."""
    found = _BY_WORD.get(word)
    if found is None and "'" in word:
        head, _, rest = word.partition("'")
        found = _BY_WORD.get(head + "'")
        if rest:
            _score(rest, scores)
    if found is None and len(word) > 4:
        found = _BY_ENDING.get(word[-5:]) or _BY_ENDING.get(word[-4:]) or _BY_ENDING.get(word[-3:])
    if found is not None:
        for place, weight in found:
            scores[place] += weight


def choose(
    requested: str | None, accept_language: str | None, profile_language: str | None, text: str, default: str
) -> str:
    """The language to answer in: what was asked for, what the message is in, the profile, the browser, the default.

    Tags may carry a region (`pt-BR`). A tag that is none of the twelve is passed over, never an error.
    """
    return (
        normalise(requested)
        or guess(text)
        or normalise(profile_language)
        or accepted(accept_language)
        or normalise(default)
        or "en"
    )


def accepted(header: str | None) -> str | None:
    """The first of the twelve in an Accept-Language header by descending q (RFC 9110, 12.5.4); None when there is none.

    Malformed parts are passed over; `q=0` means "not this one"; `*` names no language. The first 20 parts are read.
    """
    best: tuple[float, str] | None = None
    for part in (header or "").split(",", 20)[:20]:
        tag, *parameters = (piece.strip() for piece in part.split(";"))
        code = normalise(tag)
        quality = _quality(parameters)
        if code in LANGUAGES and quality > 0 and (best is None or quality > best[0]):
            best = (quality, code)
    return best[1] if best else None


def _quality(parameters: list[str]) -> float:
    """The q value of one part, 1 when it has none, 0 (never chosen) when it is not a number between 0 and 1."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return quality if 0 <= quality <= 1 else 0.0
    return 1.0
