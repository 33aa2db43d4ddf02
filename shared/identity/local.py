"""Tokens of the local mode: HS256 with one secret per machine, for development and tests.

The secret lies in `<data_dir>/auth_secret`, readable by its owner only. Whoever can read it can be anybody: the settings
refuse this mode in production.
"""

import base64
import binascii
import json
import os
import secrets
import time
from pathlib import Path
from typing import Final

from shared.errors import ConfigurationError
from shared.identity import claims
from shared.identity.caller import Caller, Role

ISSUER: Final = "lyo-local"
AUDIENCE: Final = "lyo"
ALGORITHM: Final = "HS256"
SHORTEST_KEY: Final = 16
_BLOCK: Final = 32


def secret_file(data_dir: Path) -> Path:
    """Where the machine's secret lies."""
    return data_dir / "auth_secret"


def read_or_create_secret(data_dir: Path) -> bytes:
    """The file's content; the first process that needs it writes 32 random bytes as hex.

    Raises ConfigurationError when the file cannot be read or written, or is too short to be a secret.
    """
    path = secret_file(data_dir)
    try:
        content = path.read_bytes() if path.exists() else _create(path)
    except OSError as error:
        raise ConfigurationError(f"DATA_DIR: cannot use {path.name}: {error.strerror}") from None
    if len(content.strip()) < SHORTEST_KEY:
        raise ConfigurationError(f"DATA_DIR: {path.name} holds less than {SHORTEST_KEY} bytes")
    return content


def signing_keys(secret: bytes) -> tuple[bytes, ...]:
    """Every key the file's content can mean: its literal text first (`mint` signs with that), then decoded hex and base64."""
    literal = secret.strip()
    found = [literal, secret]
    for decode in (bytes.fromhex, _from_base64, _from_base64url):
        try:
            found.append(decode(literal.decode("ascii")))
        except (ValueError, binascii.Error):
            continue
    # HMAC itself fills a short key with zeros, so this is the same key, at the length from which PyJWT does not warn.
    filled = (key.ljust(_BLOCK, b"\0") for key in found if len(key) >= SHORTEST_KEY)
    return tuple(dict.fromkeys(filled))


def mint(secret: bytes | str, sub: str, role: Role, ttl: float, *, now: float | None = None) -> str:
    """A token for `sub` that is good for `ttl` seconds from `now` (the present when None)."""
    from jwt import PyJWS

    content = secret.encode() if isinstance(secret, str) else secret
    issued = int(time.time() if now is None else now)
    body = {
        "sub": sub,
        "role": role,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": issued,
        "exp": issued + int(ttl),
        "jti": secrets.token_hex(16),
    }
    return PyJWS().encode(json.dumps(body).encode(), signing_keys(content)[0], algorithm=ALGORITHM)


class LocalTokens:
    """Verifies what `mint`, or anyone with the secret, has signed. The file is read on first use."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._keys: tuple[bytes, ...] = ()

    def verify(self, token: claims.Token, now: float) -> tuple[Caller, float]:
        """The caller and the token's `exp`. Raises Unauthenticated."""
        if not self._keys:
            self._keys = signing_keys(read_or_create_secret(self._data_dir))
        found = next(filter(None, (claims.signed_claims(token, key, ALGORITHM) for key in self._keys)), None)
        if found is None:
            raise claims.malformed()
        expires = claims.check_times(found, now)
        claims.check_addressed(found, {ISSUER}, AUDIENCE, required=False)
        caller = Caller(
            user_id=claims.subject(found),
            role=claims.role(found),
            token_id=claims.token_id(found, token),
            issued_at=claims.moment(found, "iat") or 0.0,
        )
        return caller, expires


def _create(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    content = secrets.token_hex(32).encode()
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        # The name appears together with its content and only once: of several processes that start together one wins.
        os.link(draft, path)
    except FileExistsError:
        return path.read_bytes()
    finally:
        draft.unlink()
    return content


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _from_base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
