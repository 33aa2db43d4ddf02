"""Firebase App Check: that a learner's request comes from our app on a real device.

Claims as Firebase's own Admin SDK checks them: RS256, header `typ` JWT, issuer of our project number, audience
`projects/NUMBER`. The token says which app, never who: identity is the other token's matter.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Literal

from shared import log
from shared.errors import CallerError, Unauthenticated, Unavailable
from shared.identity import claims
from shared.identity.keys import KeySet

ALGORITHM: Final = "RS256"
ISSUER_PREFIX: Final = "https://firebaseappcheck.googleapis.com/"
HEADER: Final = "x-firebase-appcheck"
VERIFIED_SECONDS: Final = 60.0
MOST_TOKENS: Final = 4096

_logger = log.get(__name__)


class AppUnverified(CallerError):
    """The request does not prove that it comes from our app."""

    status = 401
    code = "app_unverified"
    title = "App check required"


class AppCheck:
    """Verifies the tokens of one Firebase project. In `monitor` mode it logs what `enforce` would refuse."""

    def __init__(
        self, mode: Literal["monitor", "enforce"], project_number: str, jwks_url: str, clock: Callable[[], float]
    ) -> None:
        self._enforced = mode == "enforce"
        self._issuer = ISSUER_PREFIX + project_number
        self._audience = f"projects/{project_number}"
        self._keys = KeySet(jwks_url, clock)
        self._clock = clock
        self._verified: OrderedDict[str, float] = OrderedDict()

    async def require(self, token: str | None) -> None:
        """Raise AppUnverified for a missing or wrong token; Unavailable while the keys cannot be had. Not in monitor mode."""
        try:
            await self._check(token)
        except (Unauthenticated, Unavailable) as error:
            log.event(_logger, "app_check.failed", level=logging.WARNING, code=error.code, given=token is not None)
            if not self._enforced:
                return
            if isinstance(error, Unavailable):
                raise
            raise AppUnverified("The request does not come from the app.") from None

    async def _check(self, token: str | None) -> None:
        if not token:
            raise claims.malformed()
        now = self._clock()
        known = self._verified.get(token)
        if known is not None and now < known:
            return
        expires = await self._verify(claims.take_apart(token), now)
        self._verified[token] = min(expires, now + VERIFIED_SECONDS)
        self._verified.move_to_end(token)
        while len(self._verified) > MOST_TOKENS:
            self._verified.popitem(last=False)

    async def _verify(self, token: claims.Token, now: float) -> float:
        """The token's `exp`."""
        if token.algorithm != ALGORITHM or token.kind != "JWT" or token.key_id is None:
            raise claims.malformed()
        key = await self._keys.find(token.key_id)
        found = claims.signed_claims(token, key, ALGORITHM) if key else None
        if found is None:
            raise claims.malformed()
        expires = claims.check_times(found, now)
        claims.check_addressed(found, {self._issuer}, self._audience)
        claims.subject(found)
        return expires
