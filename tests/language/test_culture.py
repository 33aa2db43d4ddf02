"""What regions write how: held to Unicode CLDR where that has a word on it."""

from datetime import date

import pytest
from babel import Locale as Cldr
from babel.dates import get_date_format
from babel.numbers import format_decimal

from shared.language.culture import _load, cultural_line, day, language_line, locale, money, number
from shared.language.direction import FSI, PDI
from shared.language.names import CODES

TAGS = tuple(_load())
_CLDR = {"zh-CN": "zh_Hans_CN", "zh-TW": "zh_Hant_TW"}


def cldr(tag: str) -> Cldr:
    return Cldr.parse(_CLDR.get(tag, tag.replace("-", "_")))


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("value", [0, 7, 12345.6, 98765.25, 1234567, 1234567890.5, -54321.5])
def test_numbers_are_written_as_cldr_has_them(tag: str, value: float) -> None:
    shown = number(value, _load()[tag]).replace("-", "\N{MINUS SIGN}")
    expected = format_decimal(value, locale=cldr(tag), numbering_system="latn")
    for mark in "\u200e\u200f\u061c":
        expected = expected.replace(mark, "")
    assert shown == expected.replace("-", "\N{MINUS SIGN}")


@pytest.mark.parametrize("tag", TAGS)
def test_a_date_has_cldrs_order(tag: str) -> None:
    pattern = get_date_format("short", locale=cldr(tag)).pattern
    expected = [letter for letter in dict.fromkeys(pattern) if letter in "yMd"]
    ours = [
        letter for letter in dict.fromkeys(_load()[tag].date.replace("Y", "y").replace("D", "d")) if letter in "yMd"
    ]
    assert ours == expected


def test_a_small_number_is_grouped_only_where_that_is_the_habit() -> None:
    assert number(1234, locale("es")) == "1234"
    assert number(1234, locale("de")) == "1.234"
    assert number(-0.0001, locale("de"), 2) == "0,00"
    assert number(2.5, locale("fr"), 2) == "2,50"


@pytest.mark.parametrize(
    ("language", "tag", "region"),
    [
        ("pt", None, "pt-BR"),
        ("pt", "pt-PT,pt;q=0.9", "pt-PT"),
        ("es", "es-CO", "es-MX"),
        ("es", "de-AT, es-UY;q=0.5", "es-AR"),
        ("en", "de, en-AU", "en-GB"),
        ("en", "en-XX", "en-US"),
        ("zh", "zh-Hant-HK", "zh-TW"),
        ("zh", "zh_TW", "zh-TW"),
        ("ar", "ar-TN", "ar-MA"),
        ("fr", ";;,,fr-CA;q=nonsense", "fr-CA"),
    ],
)
def test_the_region_is_read_from_tags_and_headers(language: str, tag: str | None, region: str) -> None:
    assert locale(language, tag).tag == region


def test_what_was_asked_for_goes_before_the_browser() -> None:
    assert locale("pt", "pt-PT", "pt-BR").tag == "pt-PT"
    assert locale("pt", "en-US", "pt-PT").tag == "pt-PT"


def test_dates_and_money_are_of_the_region() -> None:
    moment = date(2026, 3, 4)
    assert day(moment, locale("en", "en-US")) == "3/4/2026"
    assert day(moment, locale("en", "en-GB")) == "04/03/2026"
    assert day(moment, locale("de")) == "04.03.2026"
    assert day(moment, locale("ko")) == "2026. 3. 4."
    assert day(moment, locale("ar")) == f"{FSI}4/3/2026{PDI}"
    assert money(1234.5, locale("en", "en-IN")) == "₹1,234.50"
    assert money(150000, locale("hi")) == "₹1,50,000"
    assert money(3, locale("de")) == "3\u00a0€"


@pytest.mark.parametrize("code", CODES)
def test_every_language_has_a_line_for_prompts(code: str) -> None:
    where = locale(code)
    line = cultural_line(where)
    assert where.names[0] in line
    assert number(12345.67, where) in line
    assert language_line(where).startswith("Answer in ")
    assert len({*where.names}) == len(where.names) >= 4
