"""Firebase ID tokens: RS256, signed by Google, one project each."""

from collections.abc import Callable
from typing import Final

from shared.errors import ConfigurationError
from shared.identity import claims
from shared.identity.caller import Caller
from shared.identity.keys import KeySet

ALGORITHM: Final = "RS256"
ISSUER_PREFIX: Final = "https://securetoken.google.com/"


class FirebaseTokens:
    """Verifies the ID tokens of one project; the custom claim `role` makes an admin."""

    def __init__(self, project: str | None, jwks_url: str, clock: Callable[[], float]) -> None:
        if not project:
            raise ConfigurationError("GCP_PROJECT_ID: needed when AUTH_MODE=firebase")
        self._project = project
        self._keys = KeySet(jwks_url, clock)

    async def verify(self, token: claims.Token, now: float) -> tuple[Caller, float]:
        """The caller and the token's `exp`. Raises Unauthenticated, or Unavailable while the keys cannot be fetched."""
        if token.algorithm != ALGORITHM or token.key_id is None or token.issuer != ISSUER_PREFIX + self._project:
            raise claims.malformed()
        key = await self._keys.find(token.key_id)
        found = claims.signed_claims(token, key, ALGORITHM) if key else None
        if found is None:
            raise claims.malformed()
        expires = claims.check_times(found, now)
        claims.check_addressed(found, {ISSUER_PREFIX + self._project}, self._project)
        signed_in = claims.moment(found, "auth_time")
        if signed_in is None:
            raise claims.malformed()
        email = found.get("email")
        caller = Caller(
            user_id=claims.subject(found),
            role=claims.role(found),
            token_id=claims.token_id(found, token),
            issued_at=signed_in,
            email=email if isinstance(email, str) else None,
        )
        return caller, expires
