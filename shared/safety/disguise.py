"""The plain spelling of a text that hides its words from rules: spaced-out letters and digits in the place of letters."""

import re
from collections.abc import Iterator

_LONGEST = 2_000
"""Characters up to which a text is looked at: what hides its words is short."""
_SPACED = re.compile(r"(?<![^\W\d_])[^\W\d_](?:(?:[ .*_\-]{1,2}|\u3000)[^\W\d_]){2,79}(?![^\W\d_])")
_GAPS = re.compile(r"[ .*_\-\u3000]+")
_MIXED = re.compile(r"\b(?=[\w@$!]*[A-Za-z])(?=[\w@$!]*[0-9@$])[A-Za-z0-9@$!]{3,20}")
_FOR_LETTERS = str.maketrans("013457@$!", "oieastasi")
_TO = re.compile(r"(?i)\b(want|wanna|need|how|going|have|try|like|ready|about) 2 (?=[a-z])")
_SPOKEN = (
    "i im a to my me it all how do can you want wanna die kill killing myself self end life live dont not anymore suicide cut hurt make build cook "
    "buy bomb bombs pipe gun meth drugs drug weapon explosive home at the and with poison someone people kids child hack "
    "quiero morir matarme suicidarme como hacer una bomba no vivir je veux mourir me tuer suicider comment faire une bombe "
    "ich will sterben mich umbringen toten wie baue eine nicht mehr leben voglio morire uccidermi come fare quero morrer matar fazer uma "
    "я хочу умереть убить себя не жить как сделать бомбу أريد أن أموت أقتل نفسي كيف أصنع قنبلة"
)
"""What is said spaced out, so that a run without word borders can be parted again."""
_WORDS = frozenset(_SPOKEN.split())
_LONGEST_WORD = max(map(len, _WORDS))


def plainer(text: str) -> Iterator[str]:
    """The text in other spellings that a reader would take for it; nothing for a text that hides nothing. Linear in its length."""
    if len(text) > _LONGEST:
        return
    joined = _SPACED.sub(_join, text)
    if joined != text:
        yield joined
    spelt = _TO.sub(r"\1 to ", _MIXED.sub(lambda found: found.group().translate(_FOR_LETTERS), joined))
    if spelt != joined:
        yield spelt


def _join(found: re.Match[str]) -> str:
    letters = _GAPS.sub("", found.group())
    return " ".join(_parted(letters.lower()) or (letters,))


def _parted(letters: str) -> tuple[str, ...] | None:
    """The letters as known words, the fewest of them; None where they are not made of such."""
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(letters) + 1):
        ways = [
            (*before, letters[start:end])
            for start in range(max(0, end - _LONGEST_WORD), end)
            if (before := best[start]) is not None and letters[start:end] in _WORDS
        ]
        best.append(min(ways, key=len, default=None))
    return best[-1]
