"""An issuer's public keys, fetched when they are needed and kept as long as the issuer says.

PyJWT's own client blocks the event loop while it fetches, hence this one over aiohttp.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from shared import log
from shared.errors import Unavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

DEFAULT_AGE: Final = 3600.0
LONGEST_AGE: Final = 86_400.0
RETRY_SECONDS: Final = 30.0
"""Between two fetches at the least: a flood of tokens with made-up key ids must not become a flood at the issuer."""
FIRST_RETRY_SECONDS: Final = 1.0
"""The same while there are no keys at all: nobody can come in until there are."""
KEEP_SECONDS: Final = 86_400.0
"""How long keys are used beyond their age when the issuer cannot be reached."""
FETCH_SECONDS: Final = 5.0
MAX_BYTES: Final = 262_144
SMALLEST_KEY_BITS: Final = 2048

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_logger = log.get(__name__)


class KeySet:
    """The RSA keys of one JWKS address, by key id."""

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self._url = url
        self._clock = clock
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._good_until = 0.0
        self._next_fetch = 0.0
        self._lock = asyncio.Lock()

    async def find(self, key_id: str) -> "RSAPublicKey | None":
        """The key of that id, or None when the issuer has none. Raises Unavailable when keys cannot be had at all."""
        if key_id not in self._keys or self._clock() >= self._good_until:
            async with self._lock:
                # Whoever waited for the lock finds the new keys and does not fetch them again.
                now = self._clock()
                if (key_id not in self._keys or now >= self._good_until) and now >= self._next_fetch:
                    await self._refresh(now)
        if not self._keys or self._clock() >= self._good_until + KEEP_SECONDS:
            raise Unavailable("Tokens cannot be checked at the moment.")
        return self._keys.get(key_id)

    async def _refresh(self, now: float) -> None:
        self._next_fetch = now + (RETRY_SECONDS if self._keys else FIRST_RETRY_SECONDS)
        try:
            keys, age = await _fetch(self._url)
        except (OSError, TimeoutError, ValueError) as error:
            log.event(_logger, "keys.unreachable", level=logging.WARNING, error=type(error).__name__)
            return
        self._keys = keys
        self._good_until = now + age
        self._next_fetch = now + RETRY_SECONDS


async def _fetch(url: str) -> "tuple[Mapping[str, RSAPublicKey], float]":
    """Keys and their age in seconds. Raises OSError, TimeoutError or ValueError."""
    import aiohttp
    import orjson

    try:
        timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            body = b""
            async for chunk in answer.content.iter_chunked(65_536):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ValueError("too many bytes")
            age = _MAX_AGE.search(answer.headers.get("Cache-Control", ""))
    except aiohttp.ClientError as error:
        raise OSError(type(error).__name__) from error
    document = orjson.loads(body)
    keys = _usable(document.get("keys") if isinstance(document, dict) else None)
    if not keys:
        raise ValueError("no usable keys")
    return keys, min(float(age.group(1)), LONGEST_AGE) if age else DEFAULT_AGE


def _usable(entries: Any) -> "Mapping[str, RSAPublicKey]":
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from jwt.algorithms import RSAAlgorithm
    from jwt.exceptions import InvalidKeyError

    found: dict[str, RSAPublicKey] = {}
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig":
            continue
        key_id = entry.get("kid")
        try:
            key = RSAAlgorithm.from_jwk(entry)
        except (InvalidKeyError, ValueError, KeyError, TypeError):
            continue  # one bad entry must not take the others away
        if isinstance(key_id, str) and isinstance(key, RSAPublicKey) and key.key_size >= SMALLEST_KEY_BITS:
            found[key_id] = key
    return found
