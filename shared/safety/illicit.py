"""The plainest requests for help with serious harm, by rules in twelve languages: the floor under the trained judgement.

They are few and narrow on purpose: a way to make a weapon or a drug, violence against a person, children as sexual objects. A lesson
about any of it asks differently (who, when, why, how it works), and a game or a novel is named.
"""

import re
import unicodedata
from functools import cache

from shared.patterns import LazyPattern
from shared.safety.folding import DROPPED, fold
from shared.safety.illicit_words import ELSEWHERE, GROUPS, PLAIN

_SCRIPTS = {
    "ru": "[\u0400-\u04ff]",
    "zh": "[\u3400-\u9fff]",
    "ja": "[\u3040-\u30ff]",
    "ko": "[\uac00-\ud7a3]",
    "ar": "[\u0620-\u06d3]",
    "hi": "[\u0900-\u097f]",
}
_NEAR = r".{0,40}?"

_Rule = tuple[LazyPattern, LazyPattern]
"""How it is asked, and what for."""


def _folded(pattern: str) -> str:
    return unicodedata.normalize("NFC", DROPPED.sub("", unicodedata.normalize("NFKD", pattern)))


def _rule(code: str) -> _Rule:
    asks, makes, weapons, harms = (_folded(part) for part in GROUPS[code])
    made = rf"(?:{makes}){_NEAR}(?:{weapons})|(?:{weapons}){_NEAR}(?:{makes})"
    edge = "" if code in ("zh", "ja", "ko") else r"\b"
    return LazyPattern(rf"{edge}(?:{asks})"), LazyPattern(rf"{edge}(?:{made}|{harms})")


@cache
def _latin() -> tuple[_Rule, ...]:
    return tuple(_rule(code) for code in GROUPS if code not in _SCRIPTS)


@cache
def _scripts() -> tuple[tuple[re.Pattern[str], _Rule], ...]:
    return tuple((re.compile(letters), _rule(code)) for code, letters in _SCRIPTS.items())


_PLAIN = LazyPattern(lambda: _folded(PLAIN))
_ELSEWHERE = LazyPattern(lambda: _folded(ELSEWHERE))
_HINT = re.compile(
    "bomb|malw|spyware|rootkit|botnet|troj|worm|virus|schad|malicio|malevol|malveil|rancon|malicie|tatp|tnt|explo[sd]|sprengs|ied|molot|napal|nerv|sarin|ricin|rizin|gas|waffe|weapon|arm[aei]|anthrax|grenad|granad|granat|meth|metan|"
    "fentan|cocain|mdma|lsd|heroin|gun|firearm|ransom|keylog|kill|murder|strang|suffoc|poison|stab|assassin|tortur|rap|drug|kidnap|"
    "lynch|behead|chok|dismem|throttl|slaught|body|corpse|child|minor|kid|underage|teen|toddl|matar|ases|veneno|envenen|apun|secuestr|"
    "viol|commit|plan|hack|break|steal|launder|counterf|forg|dox|blackm|extort|stalk|beat up|rob|coke|overdos|disappear|tuer|etrangl|poignard|enlev|porn|bring|toten|mord|gift|wurg|stech|entfuhr|folter|uccid|ammazz|velen|coltell|stupr|esfaq|sequestr|estupr"
)
"""One of these stands in every Latin text that a rule fits; most texts have none and are done."""


def asks_for_harm(text: str) -> bool:
    """Whether the text plainly asks for help with serious harm. Pure; linear in the length of the text."""
    folded = fold(text)
    hinted = _HINT.search(folded) is not None
    if (hinted or not folded.isascii()) and _PLAIN.search(folded):
        return True
    rules = list(_latin()) if hinted else []
    if not folded.isascii():
        rules += [rule for letters, rule in _scripts() if letters.search(folded)]
    if not any(asks.search(folded) and harm.search(folded) for asks, harm in rules):
        return False
    return _ELSEWHERE.search(folded) is None
