"""What a text is made of: headings, examples, questions, links, lists, code, formulas. Counted, never judged. Pure."""

import re
from dataclasses import dataclass

from shared.patterns import LazyPattern

_HEADING = LazyPattern(
    r"(?m)^[ \t]*#{1,6}[ \t]+\S|^[^\n]{3,80}\n[=-]{3,}[ \t]*$|^[ \t]*\d+(?:\.\d+)+\.?[ \t]+[^\n.!?。]{3,70}$"
)
_ITEM = LazyPattern(r"(?m)^[ \t]*(?:[-*•·‣]|\d{1,3}[.)、]|[a-z]\))[ \t]*\S")
_LINK = LazyPattern(r"(?i)https?://[^\s<>()\"'\]]+")
_QUESTION = LazyPattern(r"[?？؟]")
_FENCE = LazyPattern(r"```")
_FORMULA = LazyPattern(r"\$[^$\n]{1,200}\$|\\\(|\\\[|[\w)]\s*[=≈≤≥]\s*[\w(√∫-]|[√∫∑π²³]")
_EXAMPLE = LazyPattern(
    r"(?i)\b(?:for example|for instance|e\.g\.|example|por ejemplo|ejemplo|par exemple|exemple|zum beispiel|beispiel|z\. ?b\.|"
    r"ad esempio|per esempio|esempio|por exemplo|exemplo|например|пример)|例如|比如|例子|たとえば|例えば|예를 들어|예시|"
    r"على سبيل المثال|مثال|مثلا|उदाहरण|जैसे कि"
)
_IMAGE = LazyPattern(r"(?i)!\[[^\]]*\]\(|<img\b|\.(?:png|jpe?g|svg|gif|webp)\b")
_VIDEO = LazyPattern(r"(?i)youtu\.?be|vimeo\.com|\.(?:mp4|webm|mov)\b|<video\b")
_AUDIO = LazyPattern(r"(?i)\.(?:mp3|ogg|wav|m4a)\b|<audio\b|soundcloud\.com|\bpodcast")


@dataclass(frozen=True, slots=True)
class Structure:
    """How many of each the text has. `media` beside text: image, video, audio, code, formula."""

    headings: int
    list_items: int
    examples: int
    questions: int
    links: int
    paragraphs: int
    media: tuple[str, ...]


def structure(text: str) -> Structure:
    """Count what the text is made of."""
    signs = (("image", _IMAGE), ("video", _VIDEO), ("audio", _AUDIO), ("code", _FENCE), ("formula", _FORMULA))
    bare = _LINK.sub("", text)
    return Structure(
        headings=len(_HEADING.compiled.findall(text)),
        list_items=len(_ITEM.compiled.findall(text)),
        examples=len(_EXAMPLE.compiled.findall(bare)),
        questions=len(_QUESTION.compiled.findall(bare)),
        links=len(_LINK.compiled.findall(text)),
        paragraphs=sum(1 for part in re.split(r"\n\s*\n", text) if part.strip()),
        media=tuple(name for name, sign in signs if sign.search(text)),
    )
