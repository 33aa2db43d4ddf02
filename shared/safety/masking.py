"""Personal data and secrets that have a form are replaced by their kind: e-mail, card, IBAN, IP address, phone, key, token.

What has no form (names, postal addresses) is not found here. Where a number could be several things, the kind with a
checksum goes first; a phone number is anything that is written like one.
"""

import ipaddress
import re
from collections.abc import Callable

from shared.patterns import LazyPattern

_KEY = LazyPattern(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-[A-Za-z0-9_-]{16,200}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,200}|AIza[A-Za-z0-9_-]{30,60}|AQ\.[A-Za-z0-9_-]{30,120}"
    r"|gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{30,255}|glpat-[A-Za-z0-9_-]{16,100}|xox[abprs]-[A-Za-z0-9-]{10,250}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}|hf_[A-Za-z0-9]{20,100}|ya29\.[A-Za-z0-9_-]{20,500}|AAAA[A-Za-z0-9_-]{7}:[A-Za-z0-9_-]{100,200})"
)
_PRIVATE_KEY = LazyPattern(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[A-Za-z0-9+/=\s]{0,8000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
)
_JWT = LazyPattern(r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{4,8000}(?:\.[A-Za-z0-9_-]{0,2000})?")
_BEARER = LazyPattern(r"(?i)(?<![A-Za-z])(bearer\s{1,3})[A-Za-z0-9._~+/=-]{16,4000}")

# The local part is ASCII, or letters of a script that puts spaces between words; so Chinese text around an address stays.
_EMAIL = LazyPattern(
    r"(?:(?<![A-Za-z0-9._%+'-])[A-Za-z0-9._%+'-]{1,64}|(?<![^\W\u0e00-\u0eff\u3040-\ud7af])[^\W\u0e00-\u0eff\u3040-\ud7af][\w.+-]{0,63})"
    r"\s?(?:@|\uff20|[(\[{]\s?at\s?[)\]}])\s?"
    r"(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}"
    r"|(?<!\w)[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}"
)
_IBAN = LazyPattern(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
)
_CARD = LazyPattern(r"(?<![\dA-Za-z.])\d(?:[ \u00a0.-]?\d){12,18}(?![\dA-Za-z])")
_IPV4 = LazyPattern(r"(?<![0-9A-Za-z_.])(?:\d{1,3}\.){3}\d{1,3}(?![0-9A-Za-z_]|\.\d)")
_IPV6 = LazyPattern(
    r"(?<![0-9A-Za-z_:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![0-9A-Za-z_:])"
)

# Space, no-break spaces, hyphens and dashes, dot, slash between groups of digits.
_S = r"[ \u00a0\u2009\u202f.\-\u2010\u2011\u2013/]"
_PHONE = LazyPattern(
    r"(?<![\dA-Za-z_.,+\-/])(?:"
    rf"(?:\+|00)[1-9](?:{_S}?\(?\d\)?){{7,14}}"  # international
    rf"|\(0?\d{{1,4}}\){_S}?\d(?:{_S}?\d){{5,9}}"  # (030) 123456, (212) 555-0123
    rf"|0\d{{1,3}}{_S}\d{{3,4}}{_S}\d{{3,4}}|0\d(?:{_S}\d\d){{4}}"  # 090-1234-5678, 06 12 34 56 78
    rf"|0\d{{1,4}}{_S}\d{{2,9}}(?:{_S}?\d{{2,4}}){{0,3}}"  # 030 1234567, 0151 234 567 89
    r"|0\d{9,10}"  # 09012345678
    rf"|\d{{3}}{_S}\d{{3}}{_S}\d{{4}}|[67]\d\d{_S}\d{{3}}{_S}\d{{3}}(?!\s*[-+*/^=\u00d7\u00f7<>])"  # 212-555-0123, 612 345 678
    rf"|[78]{_S}?\(?\d{{3}}\)?{_S}?\d{{3}}{_S}?\d\d{_S}?\d\d"  # 8 (912) 345-67-89
    r"|1[3-9]\d{9}|[2-9]\d{2}[2-9]\d{6}|[6-9]\d{9}"  # 13812345678, 2125550123, 9876543210
    rf"|1[3-9]\d{_S}\d{{4}}{_S}\d{{4}}|[6-9]\d{{4}}{_S}\d{{5}}"  # 138 1234 5678, 98765 43210
    r")(?![\dA-Za-z])"
)
_DATE = LazyPattern(r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}")
_LABELLED = LazyPattern(  # a shorter number that is said to be one
    r"(?i)((?:\btel(?:efono|efon|efone|\u00e9phone|\u00e9fono)?|\bphone(?: number)?|\bmobile|\bhandy(?:nummer)?|\bwhatsapp|\bcell(?:ulare)?|\bcall me (?:at|on)"
    r"|\u0442\u0435\u043b(?:\u0435\u0444\u043e\u043d)?|\u7535\u8bdd|\u96fb\u8a71|\uc804\ud654|\u0647\u0627\u062a\u0641|\u092b\u094b\u0928)[^\d\n]{0,12})(\d(?:[ .-]?\d){5,14})"
)


_SAYS_NUMBER = LazyPattern(
    "(?i)tel|phone|mobile|handy|whatsapp|cell|call me|\u0442\u0435\u043b|\u7535|\u96fb|\uc804|\u0647|\u092b"
)


def _digits(text: str) -> list[int]:
    return [int(character) for character in text if character.isdigit()]


def _is_card(text: str) -> bool:
    """Luhn (ISO/IEC 7812-1), 13 to 19 digits, not all the same."""
    digits = _digits(text)
    if len(set(digits)) < 2:
        return False
    doubled = sum((2 * digit - 9 if digit > 4 else 2 * digit) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    """Mod 97 of ISO 13616."""
    plain = text.replace(" ", "").replace("-", "")
    if not (15 <= len(plain) <= 34 and plain.isascii()):
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "." in text or (len(text) > 5 and any(character.isdigit() for character in text))  # `a::b` is C++


def _is_phone(text: str) -> bool:
    return _DATE.fullmatch(text) is None and len(set(_digits(text))) > 2


def _any(_: str) -> bool:
    return True


_DOTTED = tuple(f"{digit}." for digit in range(10))
_Kind = tuple[str, LazyPattern, Callable[[str], bool], tuple[str, ...]]
# Label, pattern, proof, and the strings of which a text must have one for the pattern to be tried at all (none: it needs
# a long number). In this order:
# what carries digits inside (keys, addresses) before what is digits, and what has a checksum before phones.
_KINDS: tuple[_Kind, ...] = (
    ("[key]", _PRIVATE_KEY, _any, ("-----BEGIN",)),
    ("[token]", _JWT, _any, ("eyJ",)),
    ("[key]", _KEY, _any, ("sk", "rk_", "AIza", "AQ.", "gh", "glpat", "xox", "AKIA", "ASIA", "hf_", "ya29", "AAAA")),
    ("[email]", _EMAIL, _any, ("@", "\uff20", "at)", "at]", "at}", "at )", "at ]", "at }")),
    ("[iban]", _IBAN, _is_iban, ()),
    ("[ip]", _IPV4, _is_address, _DOTTED),
    ("[ip]", _IPV6, _is_address, (":",)),
    ("[card]", _CARD, _is_card, ()),
    ("[phone]", _PHONE, _is_phone, ()),
)
_GATE = re.compile(r"\d{2}|[@\uff20]|eyJ|-----BEGIN|[Bb]earer|\bat\s?[)\]}]|[A-Za-z0-9_-]{20}|:[^ ]{0,4}:")
"""What every kind has at least one of; most messages have none and are returned as they are."""
_LONG_NUMBER = re.compile(r"\d(?:[^\w\n]{0,3}\d){5}")
"""Six digits with little between them: fewer make no card, account or phone, however many prices a text names."""
_OTHER_DIGITS = re.compile(r"(?![0-9])\d")


def mask(text: str) -> str:
    """`text` with every kind it carries replaced: `[email] [phone] [card] [iban] [ip] [key] [token]` (all, not the first).

    A text without any is returned unchanged. In a masked text, digits of other scripts (Arabic, Devanagari, full-width)
    have become ASCII ones.
    """
    if _GATE.search(text) is None:
        return text
    if _OTHER_DIGITS.search(text) is None:
        return _mask(text)
    plain = _OTHER_DIGITS.sub(lambda digit: str(int(digit[0])), text)
    masked = _mask(plain)
    return text if masked == plain else masked


def _mask(text: str) -> str:
    numbers = _LONG_NUMBER.search(text) is not None
    for label, pattern, is_one, needs in _KINDS:
        if (_holds(text, needs) if needs else numbers) and pattern.search(text) is not None:
            text = _replace(text, pattern, label, is_one)
    if numbers and _SAYS_NUMBER.search(text) is not None:
        text = _LABELLED.sub(r"\1[phone]", text)
    return _BEARER.sub(r"\1[token]", text) if "bearer" in text.lower() else text


def _holds(text: str, needs: tuple[str, ...]) -> bool:
    # A plain loop: a generator would cost more than all the searches in it.
    for need in needs:  # noqa: SIM110
        if need in text:
            return True
    return False


def _replace(text: str, pattern: LazyPattern, label: str, is_one: Callable[[str], bool]) -> str:
    return pattern.sub(lambda found: label if is_one(found[0]) else found[0], text)


def carries(text: str) -> bool:
    """Whether `mask` would replace anything; stops at the first find."""
    if _GATE.search(text) is None:
        return False
    if _OTHER_DIGITS.search(text) is not None:
        text = _OTHER_DIGITS.sub(lambda digit: str(int(digit[0])), text)
    numbers = _LONG_NUMBER.search(text) is not None
    for _, pattern, is_one, needs in _KINDS:
        if (_holds(text, needs) if needs else numbers) and any(is_one(found[0]) for found in pattern.finditer(text)):
            return True
    if numbers and _SAYS_NUMBER.search(text) is not None and _LABELLED.search(text) is not None:
        return True
    return "bearer" in text.lower() and _BEARER.search(text) is not None


def kinds(text: str) -> tuple[str, ...]:
    """The kinds `mask` would replace, each once, without brackets."""
    masked = mask(text)
    if masked is text:
        return ()
    labels = ("email", "phone", "card", "iban", "ip", "key", "token")
    return tuple(kind for kind in labels if masked.count(f"[{kind}]") > text.count(f"[{kind}]"))
