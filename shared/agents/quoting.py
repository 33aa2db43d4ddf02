"""Texts from outside inside a prompt: between tags that they cannot end themselves. Pure."""

import re


def quoted(text: str, tag: str = "learner") -> str:
    """`text` between `<tag>` and `</tag>`; a closing tag in the text itself, however it is written, is broken up."""
    closing = rf"[<＜]\s*[/／]\s*(?={re.escape(tag)}\b)"
    return f"<{tag}>{re.sub(closing, '‹/', text, flags=re.IGNORECASE)}</{tag}>"
