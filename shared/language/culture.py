"""How a region writes numbers, dates and money, and what its learners know from school: data per region, and formatters.

The data are in `locales.json`. Separators, grouping and the order of dates follow Unicode CLDR (a test compares them). A
language without a known region is that of its first entry in `_REGIONS`.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from shared.language.direction import isolated
from shared.language.names import LANGUAGES, normalise

_FILE = Path(__file__).with_name("locales.json")
_PARTS = 20  # of an Accept-Language header that are read
_LOOKED_AT = 200  # characters of a tag or header

_REGIONS: dict[str, dict[str, str]] = {
    "en": {"US": "en-US", "GB": "en-GB", "IN": "en-IN"}
    | dict.fromkeys(("AU", "IE", "KE", "MT", "NG", "NZ", "SG", "ZA"), "en-GB")
    | dict.fromkeys(("BD", "LK", "NP", "PK"), "en-IN"),
    "es": {"ES": "es-ES", "MX": "es-MX", "AR": "es-AR", "UY": "es-AR", "PY": "es-AR"}
    | dict.fromkeys(("419", "US", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN", "NI", "PA", "PE", "PR", "SV", "VE"), "es-MX"),
    "fr": {"FR": "fr-FR", "CA": "fr-CA"},
    "de": {"DE": "de-DE", "AT": "de-AT", "CH": "de-CH", "LI": "de-CH"},
    "it": {"IT": "it-IT"},
    "pt": {"BR": "pt-BR"} | dict.fromkeys(("PT", "AO", "CV", "GW", "MZ", "ST", "TL"), "pt-PT"),
    "ru": {"RU": "ru-RU"},
    "zh": {"CN": "zh-CN", "HANS": "zh-CN", "SG": "zh-CN"} | dict.fromkeys(("TW", "HK", "MO", "HANT"), "zh-TW"),
    "ja": {"JP": "ja-JP"},
    "ko": {"KR": "ko-KR"},
    "ar": {"EG": "ar-EG", "MA": "ar-MA", "DZ": "ar-MA", "TN": "ar-MA"}
    | dict.fromkeys(("SA", "AE", "BH", "KW", "OM", "QA", "YE"), "ar-SA"),
    "hi": {"IN": "hi-IN"},
}  # fmt: skip
"""Per language: region or script of a tag -> the entry whose habits it shares."""


LISTED = {"zh": "、", "ja": "、", "ar": "، "}
"""What stands between the items of a list, where it is not a comma and a blank."""


@dataclass(frozen=True, slots=True)
class Locale:
    """One region's habits. `names`, `school`, `units` and `avoid` are in the region's own language, for prompts."""

    tag: str
    decimal: str
    group: str
    indian: bool
    """Groups of two digits above the thousands (12,34,567)."""
    group_from: int
    """Digits from which a number is grouped at all."""
    date: str
    """Order and separators of a date in figures, as `DD.MM.YYYY`; `D` and `M` without a leading zero."""
    quotes: tuple[str, str]
    money: str
    """An amount with its sign, `{}` standing for the number."""
    currency: str
    units: str
    names: tuple[str, ...]
    school: str
    avoid: str

    @property
    def language(self) -> str:
        """The language's code."""
        return self.tag.partition("-")[0]


def locale(language: str, *tags: str | None) -> Locale:
    """The habits for `language` (one of the twelve): of the first tag or Accept-Language part that has a region of it.

    A region that is not in the data, and a language without a region, get the language's first entry.
    """
    return _locale(language, *((tag or "")[:_LOOKED_AT] for tag in tags))


@lru_cache(maxsize=1024)
def _locale(language: str, *tags: str) -> Locale:
    regions = _REGIONS[language]
    for tag in tags:
        for part in tag.split(",", _PARTS)[:_PARTS]:
            name = part.partition(";")[0].strip().replace("_", "-")
            if normalise(name) == language:
                for piece in name.split("-")[1:]:
                    if piece.upper() in regions:
                        return _load()[regions[piece.upper()]]
    return _load()[next(iter(regions.values()))]


def number(value: float, where: Locale, decimals: int | None = None) -> str:
    """A number as the region writes it, in European digits; `decimals` rounds, else as many as it has (six at most)."""
    text = f"{abs(value):.6f}".rstrip("0").rstrip(".") if decimals is None else f"{abs(value):.{decimals}f}"
    whole, _, rest = text.partition(".")
    if len(whole) >= where.group_from:
        whole = where.group.join(_groups(whole, 2 if where.indian else 3))
    shown = f"{whole}{where.decimal}{rest}" if rest else whole
    return f"-{shown}" if value < 0 and text.strip("0.") else shown


def day(value: date, where: Locale) -> str:
    """A date in figures as the region writes it; isolated where the text round it runs from right to left."""
    names = {"YYYY": f"{value.year:04}", "MM": f"{value.month:02}", "DD": f"{value.day:02}"}
    text = where.date
    for name, figures in names.items():
        text = text.replace(name, figures)
    return isolated(text.replace("M", str(value.month)).replace("D", str(value.day)), where.language)


def money(amount: float, where: Locale) -> str:
    """An amount in the region's own currency, with two decimals where it is not whole."""
    return where.money.replace("{}", number(amount, where, None if amount == int(amount) else 2))


def cultural_line(where: Locale) -> str:
    """What a prompt in English says about the region, for every agent; the mentor's prompts say it in their own words."""
    return (
        f"Write for learners in {where.tag.partition('-')[2]}: numbers like {number(12345.67, where)}, dates like "
        f"{day(date(2026, 12, 31), where)}, money like {money(1250, where)}, quotation marks {where.quotes[0]}…{where.quotes[1]}. "
        f"Units: {where.units}. Names in examples: {', '.join(where.names)}. School: {where.school}. Avoid: {where.avoid}."
    )


def language_line(where: Locale) -> str:
    """The sentence that tells an agent with an English prompt which language to answer in."""
    name = LANGUAGES[where.language]
    return f"Answer in {name.english} ({name.own}), also where the material is in another language."


def _groups(digits: str, size: int) -> list[str]:
    """The last three digits, and what stands before them in groups of `size`."""
    groups = [digits[-3:]]
    digits = digits[:-3]
    while digits:
        groups.insert(0, digits[-size:])
        digits = digits[:-size]
    return groups


@cache  # one file
def _load() -> dict[str, Locale]:
    raw = json.loads(_FILE.read_text(encoding="utf-8"))
    return {
        tag: Locale(
            tag=tag,
            indian=entry.pop("indian", False),
            group_from=entry.pop("group_from", 4),
            quotes=tuple(entry.pop("quotes")),
            names=tuple(entry.pop("names")),
            **entry,
        )
        for tag, entry in raw.items()
    }
