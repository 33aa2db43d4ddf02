"""A text as the affect models read it: signs of feeling are made into words of their own, what says nothing is left out. Pure.

Emoticons become one sign for glad and one for sad, letters and signs drawn out ("sooo!!!") are shortened and noted, addresses go, words after a
negation carry a mark ("not good" is no praise), and variants of Arabic letters become one. The same when a model is made and when it
is asked.
"""

import re
import unicodedata

LONGEST = 2_000
"""Characters that are looked at: what one feels is said in the first of them, and the cost stays bounded."""
NEGATION_REACH = 3
"""Words after a negation that carry its mark, unless a sign ends the clause before."""

NEGATED = "no_"
"""The mark."""

_GONE = re.compile(r"https?://\S+|www\.\S+|\bhttp\b|@\w+")
_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u0640\ufe0f]")
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_GLAD = re.compile(r"(?<!\w)(?:[:;][-o*']?[)\]dp*]+|=\)+|xd+|<3+|\(:|\^_*\^)(?!\w)", re.IGNORECASE)
_SAD = re.compile(r"(?<!\w)(?:[:;][-o*']?[(\[/\\@|]+|=\(+|:'\(|\)[-']?:|-_+-)(?!\w)", re.IGNORECASE)
_LOUD = re.compile(r"\b[A-Z]{3,}\b")
_PIECE = re.compile(r"[^\W_]+(?:[’'\u0900-\u0903\u093a-\u094f]+[^\W_]*)*|[!?]{2}|[^\w\s]")
_AGAIN = re.compile(r"([^\w\s])(?:\s*\1)+")
_CLAUSE = frozenset((*".,;:!?…।؟،", "!!", "??", "!?", "?!"))
_ARABIC = str.maketrans("أإآىةؤئگچ", "ااايهويكج")

_NEGATIONS = frozenset(
    [
        "not",
        "no",
        "never",
        "nothing",
        "nobody",
        "cannot",
        "can't",
        "don't",
        "won't",
        "isn't",
        "aren't",
        "wasn't",
        "doesn't",
        "didn't",
        "ain't",
        "dont",
        "cant",
        "wont",
        "doesnt",
        "didnt",
        "isnt",
        "nor",
        "without",
        "hardly",
        "ne",
        "pas",
        "jamais",
        "rien",
        "aucun",
        "aucune",
        "sans",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "nie",
        "nichts",
        "ohne",
        "non",
        "mai",
        "niente",
        "nessuno",
        "nessuna",
        "senza",
        "né",
        "não",
        "nao",
        "nunca",
        "nada",
        "nem",
        "sem",
        "jamás",
        "tampoco",
        "sin",
        "ni",
        "لا",
        "لم",
        "لن",
        "ليس",
        "مش",
        "مو",
        "غير",
        "بدون",
        "नहीं",
        "न",
        "मत",
        "ना",
        "बिना",
        "nahi",
        "nahin",
        "mat",
        "не",
        "нет",
        "ни",
        "никогда",
        "без",
        "ничего",
    ]
)


def worded(text: str) -> str:
    """The words and signs of a text, one space between them."""
    raw = _MARKS.sub("", unicodedata.normalize("NFKC", text[:LONGEST]))
    raw = _GONE.sub(" ", raw.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")).translate(_ARABIC)
    raw = _SAD.sub(" \u2639 ", _GLAD.sub(" \u263a ", raw))
    found: list[str] = []
    if len(_LOUD.findall(raw)) > 2:  # one or two are names
        found.append("\u203c")
    low = raw.lower()
    short = _AGAIN.sub(r"\1\1", _DRAWN_OUT.sub(r"\1\1", low))
    if short != low:
        found.append("\u301c")
    reach = 0
    for piece in _PIECE.findall(short):
        if piece in _NEGATIONS:
            reach = NEGATION_REACH
            found.append(piece)
            continue
        if piece in _CLAUSE:
            reach = 0
        elif reach and piece[0].isalpha():
            reach -= 1
            found.append(NEGATED + piece)
            continue
        found.append(piece)
    return " ".join(found)
