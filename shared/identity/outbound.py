"""Our own identity, shown to a private Cloud Run service: a Google identity token for its audience.

The token comes from the metadata server that every Cloud Run instance has, where it costs a round trip of a millisecond,
and is kept until five minutes before its end. https://cloud.google.com/run/docs/authenticating/service-to-service
"""

import asyncio
from collections.abc import Callable
from typing import Final

from shared.errors import Unauthenticated, Unavailable
from shared.identity import claims

EARLY_SECONDS: Final = 300.0
"""A token is asked for anew this long before it expires: the platform refuses one that ends on the way."""
FETCH_SECONDS: Final = 3.0
_PATH: Final = "/computeMetadata/v1/instance/service-accounts/default/identity"


class IdentityTokens:
    """Tokens for one audience. `metadata_host` is host[:port] of the metadata server."""

    def __init__(self, audience: str, metadata_host: str, clock: Callable[[], float]) -> None:
        self._audience = audience
        self._url = f"http://{metadata_host}{_PATH}"
        self._clock = clock
        self._header = ""
        self._good_until = 0.0
        self._lock = asyncio.Lock()

    async def header(self) -> str:
        """The Authorization header's value. Raises Unavailable when there is no metadata server, or it says no."""
        if self._clock() < self._good_until:
            return self._header
        async with self._lock:
            if self._clock() >= self._good_until:  # whoever waited for the lock finds the new one
                token = await self._fetch()
                self._good_until = _end(token) - EARLY_SECONDS
                self._header = f"Bearer {token}"
        return self._header

    async def _fetch(self) -> str:
        import aiohttp

        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=FETCH_SECONDS)) as session,
                session.get(
                    self._url,
                    params={"audience": self._audience, "format": "full"},
                    headers={"Metadata-Flavor": "Google"},
                    allow_redirects=False,
                ) as answer,
            ):
                if answer.status != 200:
                    raise Unavailable(f"The metadata server answered {answer.status}.")
                token = await answer.text("ascii", "replace")  # to its end: one read gives what has arrived so far
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable(f"The metadata server cannot be reached: {type(error).__name__}.") from None
        return token.strip()


def _end(token: str) -> float:
    try:
        expires = claims.expiry(token)
    except Unauthenticated:
        expires = None
    if expires is None:
        raise Unavailable("The metadata server gave no token.")
    return expires
