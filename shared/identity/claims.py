"""Reading a token: its unverified parts, its signature, and the claims that every sort of token is checked for.

The signature is PyJWT's work; the claims are compared here, against the clock that was passed in.
"""

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from shared.errors import Unauthenticated
from shared.identity.caller import SUBJECT, Role

if TYPE_CHECKING:
    from jwt import PyJWS
    from jwt.algorithms import AllowedPublicKeys

MAX_TOKEN: Final = 8192
"""Longest token that is looked at, in characters."""
SIGNATURE_REMOVED: Final = "SIGNATURE_REMOVED_BY_GOOGLE"
"""What Cloud Run puts in the place of a signature it has verified, so that the service cannot use the token elsewhere."""
SKEW_SECONDS: Final = 60.0
"""How far ahead an issuer's clock may run. It is never added to `exp`."""

Claims = Mapping[str, Any]
ROLES: Final[Mapping[object, Role]] = {None: "learner", "learner": "learner", "admin": "admin"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart. Nothing in it is verified: it only says which verifier to ask, and for which key."""

    text: str
    algorithm: str
    key_id: str | None
    issuer: str | None
    kind: str | None = None
    """The header's `typ`."""

    @property
    def digest(self) -> str:
        """Stands in for a missing `jti`: 32 hex digits of the token's SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:32]


def take_apart(text: str) -> Token:
    """Split a compact JWT. Raises Unauthenticated when it is none."""
    parts = text.split(".")
    if len(parts) != 3 or len(text) > MAX_TOKEN or not text.isascii():
        raise malformed()
    header, claims = _object(parts[0]), _object(parts[1])
    algorithm, key_id, issuer, kind = header.get("alg"), header.get("kid"), claims.get("iss"), header.get("typ")
    if not isinstance(algorithm, str):
        raise malformed()
    return Token(
        text=text,
        algorithm=algorithm,
        key_id=key_id if isinstance(key_id, str) else None,
        issuer=issuer if isinstance(issuer, str) else None,
        kind=kind if isinstance(kind, str) else None,
    )


def signed_claims(token: Token, key: "AllowedPublicKeys | bytes", algorithm: str) -> Claims | None:
    """The claims when `key` signed them with exactly `algorithm`, else None."""
    from jwt.exceptions import PyJWTError

    if token.algorithm != algorithm:
        return None
    try:
        payload = _verifier().decode(token.text, key, algorithms=[algorithm])
        claims = json.loads(payload)
    except (PyJWTError, ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def platform_claims(token: Token) -> Claims | None:
    """The claims when the platform in front of us verified the signature and took it off, else None.

    Only for a service that nobody can reach past that platform: there it is the platform's word, anywhere else a forgery.
    """
    _, payload, signature = token.text.split(".")
    return _object(payload) if signature == SIGNATURE_REMOVED else None


def expiry(text: str) -> float | None:
    """`exp` of a token that was given to us to be shown elsewhere. Raises Unauthenticated when it is no token."""
    take_apart(text)
    return moment(_object(text.split(".")[1]), "exp")


def check_times(claims: Claims, now: float) -> float:
    """Raise Unauthenticated unless the token is valid at `now`; return its `exp`."""
    expires = moment(claims, "exp")
    if expires is None:
        raise malformed()
    if now >= expires:
        raise Unauthenticated("The token has expired.")
    for name in ("nbf", "iat", "auth_time"):
        value = moment(claims, name)
        if value is not None and value > now + SKEW_SECONDS:
            raise Unauthenticated("The token is not valid yet.")
    return expires


def check_addressed(claims: Claims, issuers: Collection[str], audience: str, *, required: bool = True) -> None:
    """Raise Unauthenticated for another issuer or audience; with `required` false, only where the claim is present."""
    if (required or "iss" in claims) and claims.get("iss") not in issuers:
        raise Unauthenticated("The token has the wrong issuer.")
    if required or "aud" in claims:
        named = claims.get("aud")
        if audience not in (named if isinstance(named, list) else [named]):
            raise Unauthenticated("The token is for another audience.")


def subject(claims: Claims) -> str:
    """The `sub` claim. Raises Unauthenticated when it is missing or cannot be a user id."""
    name = claims.get("sub")
    if not isinstance(name, str) or not SUBJECT.match(name):
        raise malformed()
    return name


def role(claims: Claims) -> Role:
    """The `role` claim; a missing one is a learner. Raises Unauthenticated for any other value."""
    named = claims.get("role")
    found = ROLES.get(named) if named is None or isinstance(named, str) else None
    if found is None:
        raise malformed()
    return found


def token_id(claims: Claims, token: Token) -> str:
    """The `jti` claim, or the token's digest."""
    name = claims.get("jti")
    return name if isinstance(name, str) and SUBJECT.match(name) else token.digest


def moment(claims: Claims, name: str) -> float | None:
    """A time claim in Unix seconds; None when it is missing. Raises Unauthenticated when it is no finite number."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise malformed()
    return float(value)


def malformed() -> Unauthenticated:
    """The error that does not say which part of the token was wrong."""
    return Unauthenticated("The token is not valid.")


def _object(segment: str) -> Claims:
    try:
        found = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise malformed() from None
    if not isinstance(found, dict):
        raise malformed()
    return found


@cache
def _verifier() -> "PyJWS":
    from jwt import PyJWS

    return PyJWS(algorithms=["HS256", "RS256"])
