"""The words of a text alone: without code, formulas, links, mark-up and, where wished, without what is quoted. Pure."""

import re

_MARKED = re.compile(r"[`$\\<@]|://|www\.")
_NOT_PROSE = re.compile(
    r"```.*?(?:```|\Z)"  # fenced code, also where the fence was cut off
    r"|`[^`\n]*`"
    r"|\$\$.{0,500}?\$\$|\$(?=[^\s$])[^$\n]{0,200}[^\s$]\$|\\\[.{0,500}?\\\]|\\\(.{0,500}?\\\)"  # LaTeX
    r"|\\[A-Za-z]+"
    r"|(?:https?://|www\.)\S+"
    r"|[\w.+-]{1,64}@[\w-]+\.[\w.-]+"
    r"|</?[A-Za-z][^<>]{0,200}>",
    re.DOTALL,
)
_QUOTED = re.compile(
    r"\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”|„[^“”\n]{1,300}[“”]|«[^»\n]{1,300}»|‹[^›\n]{1,300}›|「[^」\n]{1,300}」|『[^』\n]{1,300}』"
    r"|(?<!\w)'[^'\n]{2,300}'(?!\w)|(?<!\w)‘[^’\n]{2,300}’(?!\w)"
    r"|\*\*[^*\n]{1,300}\*\*|(?<![\w*])\*[^*\s][^*\n]{0,300}\*(?![\w*])|(?<!\w)_[^_\n]{1,300}_(?!\w)"
)
_NAME = re.compile(r"(?<![\w-])(?=[a-zA-Z-]{0,40}\d)(?=[\d-]{0,40}[a-zA-Z])[a-zA-Z0-9-]{3,}(?!\w)")
"""Letters and digits in one: a number plate, an id. Its letters are no words of any language."""
_SIGNS = re.compile(r"[{}\[\]=;<>|\\]|\w\(|\w\.\w+\(")


def prose(text: str, *, quotations: bool = True) -> str:
    """`text` without code, formulas, links and mark-up; `quotations=False` leaves out quoted and emphasised parts too."""
    if _MARKED.search(text):
        text = _NOT_PROSE.sub(" ", text)
    text = _NAME.sub(" ", text)
    return text if quotations else _QUOTED.sub(" ", text)


def is_code(text: str) -> bool:
    """Whether a text is program code rather than words: its signs are many for its letters."""
    return len(_SIGNS.findall(text)) * 12 > len(text)
