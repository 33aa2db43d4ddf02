"""One spelling for what readers see as one: the form in which rules and texts are compared."""

import re
import unicodedata

# Accents, Arabic vowel signs and tatweel, Hindi nasal signs and nukta (left out or mixed up when typing), and invisible
# characters that break a word for a rule but not for a reader.
DROPPED = re.compile(
    "[\u0300-\u036f\u0640\u064b-\u065f\u0670\u0901\u0902\u093c\u00ad\u200b-\u200f\u2060-\u2064\u2066-\u2069\ufeff]"
)


def fold(text: str) -> str:
    """`text` in compatibility form (NFKD), case folded, without accents, vowel signs and invisible characters.

    Full-width and stylised letters become plain ones, curly apostrophes straight ones. ASCII text is only put in lower case. What texts are compared with must be folded too.
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", DROPPED.sub("", folded)).replace("\u2019", "'").replace("œ", "oe")
