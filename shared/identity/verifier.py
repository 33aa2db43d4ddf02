"""The one way in: an Authorization header becomes a Caller, or an error.

    caller = await identity.authenticate(request.headers.get("authorization"))

A verified token is remembered for VERIFIED_SECONDS at most, so a busy caller costs a dictionary look-up; expiry and
revocation are looked at on every call all the same.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from shared.documents import Revocation
from shared.errors import Unauthenticated
from shared.identity import claims, service
from shared.identity.app_check import AppCheck
from shared.identity.caller import Caller
from shared.identity.firebase import FirebaseTokens
from shared.identity.local import LocalTokens
from shared.identity.revocation import Revocations, revoke
from shared.identity.service import ServiceTokens
from shared.settings import Settings
from shared.store import Store

VERIFIED_SECONDS: Final = 60.0
MOST_TOKENS: Final = 4096


class Identity:
    """Verifies tokens of the configured mode, and of our service accounts where SERVICE_AUDIENCE is set."""

    def __init__(self, settings: Settings, store: Store, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._revocations = Revocations(store, clock)
        self._verified: OrderedDict[str, tuple[Caller, float]] = OrderedDict()
        self._local: LocalTokens | None = None
        self._firebase: FirebaseTokens | None = None
        self._service: ServiceTokens | None = None
        self._app_check: AppCheck | None = None
        if settings.app_check != "off" and settings.gcp_project_number is not None:
            self._app_check = AppCheck(
                settings.app_check, settings.gcp_project_number, settings.app_check_jwks_url, clock
            )

    async def authenticate(self, authorization: str | None) -> Caller:
        """The caller that an Authorization header stands for.

        Raises Unauthenticated; Forbidden for a genuine service token of another account; Unavailable while keys or
        revocations cannot be read. For a remembered token with fresh revocations nothing is awaited.
        """
        if not authorization:
            raise Unauthenticated("A bearer token is needed.")
        now = self._clock()
        known = self._verified.get(authorization)
        if known is not None and now < known[1]:
            self._verified.move_to_end(authorization)
            caller = known[0]
        else:
            caller = await self._verify(authorization, now)
        if not self._revocations.is_fresh(now):
            await self._revocations.refresh(now)
        if self._revocations.refuse(caller):
            raise Unauthenticated("This sign-in was ended.")
        return caller

    async def require_app(self, caller: Caller, token: str | None) -> None:
        """Raise AppUnverified where App Check is enforced and a learner's request has no valid token of it.

        Operators come from browsers and scripts, our services from Google: only learners come from the app.
        """
        if self._app_check is not None and caller.role == "learner":
            await self._app_check.require(token)

    async def revoke(
        self,
        *,
        user_id: str | None = None,
        token_id: str | None = None,
        reason: str = "",
        not_before: float = 0.0,
        expires_at: float | None = None,
    ) -> Revocation:
        """Shut out a person or a token (see `revocation.revoke`): here at once, elsewhere within REVOCATION_SECONDS."""
        document = await revoke(
            self._store,
            now=self._clock(),
            user_id=user_id,
            token_id=token_id,
            reason=reason,
            not_before=not_before,
            expires_at=expires_at,
        )
        self._revocations.note(document)
        return document

    async def close(self) -> None:
        """End what runs in the background."""
        await self._revocations.close()

    async def _verify(self, authorization: str, now: float) -> Caller:
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("A bearer token is needed.")
        token = claims.take_apart(text.strip())
        caller, expires = await self._ask(token, now)
        self._verified[authorization] = (caller, min(expires, now + VERIFIED_SECONDS))
        self._verified.move_to_end(authorization)
        while len(self._verified) > MOST_TOKENS:
            self._verified.popitem(last=False)
        return caller

    async def _ask(self, token: claims.Token, now: float) -> tuple[Caller, float]:
        settings = self._settings
        if token.issuer in service.ISSUERS:
            if not settings.service_audience:
                raise claims.malformed()
            if self._service is None:
                self._service = ServiceTokens(
                    settings.service_audience,
                    settings.service_account_set,
                    settings.google_jwks_url,
                    self._clock,
                    platform_checks=settings.platform_checks_identity,
                )
            return await self._service.verify(token, now)
        if settings.auth_mode == "local":
            self._local = self._local or LocalTokens(settings.data_dir)
            return self._local.verify(token, now)
        if self._firebase is None:
            self._firebase = FirebaseTokens(settings.gcp_project_id, settings.firebase_jwks_url, self._clock)
        return await self._firebase.verify(token, now)
