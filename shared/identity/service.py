"""Google OIDC tokens of our own service accounts (Cloud Tasks, Cloud Scheduler)."""

from collections.abc import Callable
from typing import Final

from shared.errors import Forbidden
from shared.identity import claims
from shared.identity.caller import Caller
from shared.identity.keys import KeySet

ALGORITHM: Final = "RS256"
ISSUERS: Final = frozenset({"https://accounts.google.com", "accounts.google.com"})


class ServiceTokens:
    """Lets in the named accounts, for one audience. Anyone can have Google sign a token for our audience: the e-mail decides.

    `platform_checks`: Cloud Run's identity check stands in front of us and hands tokens on without their signature.
    """

    def __init__(
        self,
        audience: str,
        accounts: frozenset[str],
        jwks_url: str,
        clock: Callable[[], float],
        *,
        platform_checks: bool = False,
    ) -> None:
        self._platform_checks = platform_checks
        self._audience = audience
        self._accounts = accounts
        self._keys = KeySet(jwks_url, clock)

    async def verify(self, token: claims.Token, now: float) -> tuple[Caller, float]:
        """The caller and the token's `exp`. Raises Unauthenticated; Forbidden when a genuine token is another account's."""
        found = claims.platform_claims(token) if self._platform_checks else None
        if found is None:
            found = await self._signed(token)
        expires = claims.check_times(found, now)
        claims.check_addressed(found, ISSUERS, self._audience)
        claims.subject(found)
        email = found.get("email")
        if found.get("email_verified") is not True or not isinstance(email, str) or email not in self._accounts:
            raise Forbidden("This account may not call this service.")
        caller = Caller(
            user_id=f"service:{email}",
            role="service",
            token_id=claims.token_id(found, token),
            issued_at=claims.moment(found, "iat") or 0.0,
            email=email,
        )
        return caller, expires

    async def _signed(self, token: claims.Token) -> claims.Claims:
        if token.algorithm != ALGORITHM or token.key_id is None:
            raise claims.malformed()
        key = await self._keys.find(token.key_id)
        found = claims.signed_claims(token, key, ALGORITHM) if key else None
        if found is None:
            raise claims.malformed()
        return found
