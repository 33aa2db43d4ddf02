"""A long text in pieces, so that what stands in one place of it does not drown in the rest."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"\S+\s*|\s+")


def pieces(text: str, size: int) -> Iterator[str]:
    """Pieces of whole words of about `size` characters that make up the text; one that is not much longer stays whole.

    What is written without spaces is cut where it must be.
    """
    if len(text) <= size * 3 // 2:
        yield text
        return
    piece = ""
    for word in _WORD.findall(text):
        for start in range(0, len(word), size):
            piece += word[start : start + size]
            if len(piece) >= size:
                yield piece
                piece = ""
    if piece.strip():
        yield piece
