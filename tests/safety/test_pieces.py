"""A long text in pieces: nothing is lost, nothing is too long."""

from hypothesis import given
from hypothesis import strategies as st

from shared.safety import check
from shared.safety.pieces import pieces


@given(st.text(alphabet="ab 学\n", max_size=600), st.integers(5, 80))
def test_the_pieces_are_the_text(text: str, size: int) -> None:
    found = list(pieces(text, size))
    assert "".join(found).rstrip() == text.rstrip()
    assert all(len(piece) < 2 * size for piece in found)


def test_a_slur_in_a_long_lesson_does_not_drown() -> None:
    slur = "All these fucking kikes and niggers should be gassed, they are vermin, hang them all. "
    lesson = "The rivers of Europe carried goods and people, and towns grew where two of them met. " * 30
    assert check.question(lesson).action == "allow"
    assert check.question(lesson + slur * 4 + lesson).action == "block"
