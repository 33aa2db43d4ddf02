from typing import get_args

import pytest

from shared.documents import Language
from shared.language.names import CODES, LANGUAGES, is_rtl, normalise


def test_the_twelve_are_those_of_the_stored_documents() -> None:
    assert get_args(Language) == CODES
    assert len(CODES) == 12
    assert len({name.own for name in LANGUAGES.values()}) == 12


def test_only_arabic_is_written_from_right_to_left() -> None:
    assert [code for code in CODES if is_rtl(code)] == ["ar"]
    assert not is_rtl("xx")


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("PT-br", "pt"),
        ("zh_Hant_TW", "zh"),
        (" de ", "de"),
        ("nl", None),
        ("", None),
        (None, None),
        ("e", None),
    ],
)
def test_tags_are_normalised(tag: str | None, code: str | None) -> None:
    assert normalise(tag) == code
