"""Texts from outside inside a prompt: between tags that they cannot end themselves. Pure."""


def quoted(text: str, tag: str = "learner") -> str:
    """`text` between `<tag>` and `</tag>`; a closing tag in the text itself is broken up."""
    return f"<{tag}>{text.replace(f'</{tag}>', f'</ {tag}>')}</{tag}>"
