"""Token counts without a tokenizer: a bound to reserve money with, and an estimate to bill with when nobody reports.

The bound: byte-level BPE and sentencepiece with byte fallback never make more tokens than the text has UTF-8 bytes;
chat templates add a few per message. The estimate: about four ASCII characters or two and a half bytes of other
scripts a token, the usual ratio of today's vocabularies; it is marked as an estimate wherever it is used.
"""

from collections.abc import Sequence

from shared.llm.types import Message

_PER_MESSAGE = 16
_PER_REQUEST = 64
_WIDE = bytes(range(0x80, 0x100))  # bytes of what is not ASCII


def upper_bound(messages: Sequence[Message], extra: str = "") -> int:
    """Input tokens that the prompt cannot exceed. `extra` is other text that travels with it (a schema)."""
    size = sum(len(message.content.encode()) for message in messages)
    return size + len(extra.encode()) + _PER_MESSAGE * len(messages) + _PER_REQUEST


def estimate(text: str) -> int:
    """Likely token count of a text; 0 for the empty text."""
    if not text:
        return 0
    if text.isascii():
        return (len(text) + 3) // 4
    encoded = text.encode()
    narrow = len(encoded.translate(None, _WIDE))
    return (narrow + 3) // 4 + int((len(encoded) - narrow) / 2.5) + 1


def estimate_prompt(messages: Sequence[Message]) -> int:
    """Likely input tokens of a prompt."""
    return sum(estimate(message.content) + 4 for message in messages)
