"""Which of the twelve languages a message is written in: by script and function words, without any dependency.

Good for whole sentences and undecided on single words of the six Latin languages; `shared.language.detector` adds a library
for those. Also the choice of the language to answer in.
"""

import re
from dataclasses import dataclass

from shared.language.names import LANGUAGES, normalise
from shared.language.prose import is_code, prose
from shared.language.words import ENDINGS, FOREIGN, GREETINGS, LETTERS, OTHER, WORDS

_SAMPLE = 400  # characters looked at: more does not change the guess, and the cost stays bounded
_ENOUGH = 2.5  # the score from which a Latin guess counts as confident
_LEAD = 1.25  # how many times the runner-up the winner must have
_STRONG = 4.0
_STRONG_LEAD = 2.0
"""The same for a guess that no library improves on: right on 99.8 % of the sentences it decides."""
SURE = 0.7  # confidence from which a message's own language goes before the learner's profile
_LIKELY = 0.35  # and from which it goes before the account's default
_FEW_HAN = 4  # so few Chinese characters and nothing else may be Japanese as well
_DENSITY = 3  # letters of Latin that weigh as much as one of another script, when a message mixes them

_NON_LATIN = re.compile(
    "(?P<kana>[\u3041-\u30ff\uff66-\uff9d]+)|(?P<hangul>[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]+)"
    "|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ffff]+)|(?P<arabic>[\u0620-\u06d3]+)"
    "|(?P<devanagari>[\u0900-\u097f]+)|(?P<cyrillic>[\u0400-\u04ff]+)"
)
_LATIN_LETTERS = re.compile("[a-zA-Z\u00c0-\u024f]")
_ONE_WORD = re.compile(r"[\W\d_]*[^\W\d_]+[\W\d_]*")
_WORDY = re.compile(r"[^\W\d_]{2}|[\u0900-\u097f\u3041-\u30ff\uff66-\uff9d\u3400-\u9fff\uac00-\ud7a3]")
_WORD = re.compile("[a-z\u00df-\u024f\u1ea0-\u1ef9]+(?:'[a-z]*)?")

# Letters that say "this script, but none of our languages": Persian and Urdu; Ukrainian, Serbian, Kazakh and others.
_NOT_ARABIC = re.compile("[\u067e\u0686\u0698\u06af\u0679\u0688\u0691\u06ba\u06d2]")
# Persian keyboards write Arabic too: their kaf and yeh decide only where no letter is Arabic's own.
_PERSIAN_KEYS = re.compile("[\u06a9\u06cc]")
_ARABIC_OWN = re.compile("[\u0623\u0625\u0629\u0643\u0649\u064a]")
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


@dataclass(frozen=True, slots=True)
class Found:
    """A language, and how likely it is: 0 to 1."""

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Look:
    """What can be told without a library. `settled`: a library could say no more; then `words` is empty.

    `words` has a score for each of the six Latin languages, in the order of `LATIN`.
    """

    found: Found | None
    settled: bool
    words: tuple[float, ...] = ()
    sample: str = ""
    """What was looked at: the words of the text alone."""


LATIN: tuple[str, ...] = tuple(_INDEX)
"""The six languages that script does not tell apart."""


def look(text: str) -> Look:
    """The language of `text` as far as script and function words tell. Pure.

    Settled are other scripts, clear sentences, code, texts without a word, and what shows signs of a language that is none
    of the twelve.
    """
    whole = prose(text[: 2 * _SAMPLE])
    without = prose(whole, quotations=False)
    sample = (without if _WORDY.search(without) else whole)[:_SAMPLE]
    if not _WORDY.search(sample) or (sample.isascii() and is_code(sample)):
        return Look(None, settled=True)
    code = guess(sample)
    if code is not None and code not in _INDEX:
        return Look(Found(code, _script_confidence(code, sample)), settled=True)
    if code is None and _NON_LATIN.search(sample):
        counts = _scripts(sample)
        if _DENSITY * sum(counts.values()) >= len(_LATIN_LETTERS.findall(sample)):
            return Look(None, settled=True)
    return _look_latin(sample, code)


def _look_latin(sample: str, code: str | None) -> Look:
    *words, rival = latin_scores(sample)
    best, second, *_ = sorted(words, reverse=True)
    if rival > 0 and rival >= best:
        return Look(None, settled=True)
    if best >= _STRONG and best >= _STRONG_LEAD * max(second, rival):
        return Look(Found(LATIN[words.index(best)], 1.0), settled=True)
    return Look(None if code is None else Found(code, SURE), settled=False, words=tuple(words), sample=sample)


def _script_confidence(code: str, sample: str) -> float:
    han = sum(len(match.group()) for match in _NON_LATIN.finditer(sample) if match.lastgroup == "han")
    return SURE if code == "zh" and han <= _FEW_HAN else 1.0


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
        persian = _PERSIAN_KEYS.search(sample) and not _ARABIC_OWN.search(sample)
        return None if persian or _NOT_ARABIC.search(sample) else "ar"
    if script == "cyrillic":
        return None if _NOT_RUSSIAN.search(sample) else "ru"
    return {"kana": "ja", "hangul": "ko", "han": "zh", "devanagari": "hi"}[script]


def _guess_latin(sample: str) -> str | None:
    """The language of the best score; None below the threshold or without a clear lead."""
    scores = latin_scores(sample)
    best = max(scores)
    place = scores.index(best)
    if place == _RIVAL or best < _ENOUGH:
        return None
    scores[place] = 0.0
    return None if best < _LEAD * max(scores) else LATIN[place]


def latin_scores(sample: str) -> list[float]:
    """Function words, word endings and telling letters of each of the six, and of languages that are none of ours."""
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
    return scores


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
    requested: str | None,
    accept_language: str | None,
    profile_language: str | None,
    text: str,
    default: str,
    *,
    found: Found | None = None,
) -> str:
    """The language to answer in: what was asked for, what the message is in, the profile, the browser, the default.

    `found` is what `Detector.detect` said of the message; without it `look` does. A message that only may be in a language
    (one word, a name) counts for less than profile and browser. Tags may carry a region (`pt-BR`). A tag that is none of
    the twelve is passed over, never an error.
    """
    requested = normalise(requested)
    if requested is not None:
        return requested
    seen = look(text).found
    # One word in Latin letters is often another language's as well (`inflation`, `grammar`): a library's guess is none.
    found = seen if found is None or (found.code in _INDEX and _ONE_WORD.fullmatch(text.strip())) else found
    known = normalise(profile_language) or accepted(accept_language)
    if found is not None and found.confidence >= SURE:
        # A few Chinese characters alone are read as Japanese by those who are known to read Japanese.
        return "ja" if known == "ja" and found.code == "zh" and found.confidence < 1 else found.code
    likely = found.code if found is not None and found.confidence >= _LIKELY else None
    return known or likely or normalise(default) or "en"


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
