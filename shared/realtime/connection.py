"""One learner's WebSocket, from the handshake to its end.

Frames are read one at a time, and nothing is kept for a reader that is slow: each answer is followed in its own log, at
the reader's pace, with one frame of each on its way at a time. So a reader that takes nothing costs no memory, and after a
while its connection.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Final

from starlette.types import Receive, Scope, Send

from shared.errors import CallerError, Forbidden, LyoError, RateLimited, Unauthenticated, Unavailable
from shared.log import event
from shared.log import get as logger
from shared.realtime import answers
from shared.realtime.bounds import PING_SECONDS
from shared.realtime.hub import ENDING, Hub
from shared.realtime.line import Line
from shared.realtime.messages import MESSAGE, Auth, Chat, Message, Ping, Resume, Stop, failed, said
from shared.realtime.readers import Readers
from shared.realtime.signin import SignIn, as_request, sign_in
from shared.web.body import parse_body
from shared.web.context import Call
from shared.web.problem import log_failure, problem_response
from shared.web.route import Operation

if TYPE_CHECKING:
    from shared.runtime import Runtime

_log = logger(__name__)

SIGNED_OUT: Final = 4401
NOT_YOURS: Final = 4403
TOO_OFTEN: Final = 4429
LATER: Final = 1013
NOT_TEXT: Final = 1003
FLOOD: Final = 1008
BROKEN: Final = 1011
RESTART: Final = 1012
IDLE: Final = 1000


class Connection:
    """A WebSocket to `/ws/{user_id}`. `socket` is its route: whose roles and limits it has."""

    def __init__(self, now: "Runtime", hub: Hub, socket: Operation, scope: Scope, *, user_id: str, name: str) -> None:
        self._now = now
        self._hub = hub
        self._socket = socket
        self._scope = scope
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        self._user_id = user_id
        self._name = name
        self._shown: SignIn | None = None
        self._line: Line
        self._readers: Readers
        self._mistakes = 0
        self._began = self._heard = time.monotonic()
        self._renewing = False
        self._warned = False

    @property
    def busy(self) -> bool:
        """Whether an answer is being shown, or something else is done for the app."""
        return self._readers.open > 0

    @property
    def _language(self) -> str:
        return self._headers.get(b"accept-language", b"").decode("latin-1")

    def close(self, code: int, reason: str, last: str | None = None) -> None:
        """End it, with a close code, a word on why, and `last` as its last frame."""
        self._line.close(code, reason, last)

    def warn(self, reason: str, seconds: float) -> None:
        """Tell the app that the connection ends in `seconds`. What runs goes on under its id."""
        self._readers.note(said("goaway", reason=reason, seconds=seconds))

    async def serve(self, receive: Receive, send: Send, shown: SignIn | None, protocol: str | None) -> None:
        """From the handshake, with the token that was `shown` in it, to the end."""
        self._line = Line(send, self._hub.bounds.send)
        self._readers = Readers(self._now, self._hub, self._line, self._tolerate)
        outcome = "refused"
        try:
            try:
                self._hub.enter(self)
                if shown is not None:
                    await self._sign_in(shown)
            except Exception as error:  # noqa: BLE001 - whatever a handshake fails of, it is answered as a request is
                await problem_response(error, self._name, self._language)(self._scope, receive, send)
                return
            await self._line.accept(protocol)
            outcome = "open"
            if shown is not None:
                await self._line.tell(self._ready())
            await self._run(receive)
        except OSError:
            self._line.lost(self._line.code)  # it hung up in the handshake
        finally:
            self._hub.leave(self, self._user_id)
            self._now.metrics.inc("ai_realtime_connections_total", outcome)
            seconds = round(time.monotonic() - self._began, 3)
            code, chats = self._line.code, self._readers.asked
            event(_log, "realtime.ended", outcome=outcome, code=code, seconds=seconds, chats=chats)

    async def _run(self, receive: Receive) -> None:
        """Until somebody ends it. Answers that run go on without their reader."""
        own = [asyncio.ensure_future(work) for work in (self._read(receive), self._watch(), self._line.over.wait())]
        try:
            await asyncio.wait(own, return_when=asyncio.FIRST_COMPLETED)
        finally:
            everything = [*own, *self._readers.tasks]
            for task in everything:
                task.cancel()
            for result in await asyncio.gather(*everything, return_exceptions=True):
                if isinstance(result, Exception):
                    log_failure("realtime.broken", result)
                    self.close(BROKEN, "internal error")
        await self._line.hang_up()

    # --- what the app says

    async def _read(self, receive: Receive) -> None:
        while not self._line.over.is_set():
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self._line.lost(message.get("code") or 1005)
            elif message.get("text") is None:
                self.close(NOT_TEXT, "frames are text")
            else:
                self._heard = time.monotonic()
                await self._take(message["text"])

    async def _take(self, text: str) -> None:
        about: dict[str, str] = {}
        try:
            asked: Message = parse_body(MESSAGE, text.encode())
            about = {"chat": asked.id} if isinstance(asked, Chat | Resume) else {}
            await self._act(asked)
        except LyoError as error:
            told = self._failed(error, answers.request_id(), **about)
            if self._shown is None:
                self.close(_code(error), "no sign-in", told)
            else:
                await self._line.tell(told)
                self._tolerate(False)

    async def _act(self, asked: Message) -> None:
        if isinstance(asked, Auth):
            await self._sign_in(SignIn(asked.token, asked.app_check))
            await self._line.tell(self._ready())
            return
        if self._shown is None and not isinstance(asked, Ping):
            raise Unauthenticated("Sign in first: send `auth`.")
        if isinstance(asked, Ping):
            if self._shown is not None:
                self._now.limits.admit_user(self._user_id)
            await self._line.tell(said("pong"))
        elif isinstance(asked, Chat) and self._hub.draining:
            raise Unavailable(ENDING)
        elif self._readers.open >= self._hub.bounds.answers:
            raise RateLimited(f"A connection may have {self._hub.bounds.answers} answers at a time.", retry_after=1.0)
        elif isinstance(asked, Stop):
            self._readers.stop(self._request(self._shown), asked)
        else:
            self._readers.show(self._request(self._shown), asked)

    async def _sign_in(self, shown: SignIn) -> None:
        """Raises what a request with that token would be refused with; then an earlier sign-in stays."""
        await sign_in(self._now, self._socket, self._request(shown), self._user_id)
        if self._shown is None:
            self._hub.sign_in(self, self._user_id)
        self._shown, self._renewing = shown, False

    def _ready(self) -> str:
        assert self._shown is not None
        left = self._hub.bounds.life - (time.monotonic() - self._began)
        return said(
            "ready",
            connection=self._name,
            user_id=self._user_id,
            expires_at=self._shown.expires_at,
            ping_seconds=PING_SECONDS,
            life_seconds=round(left, 1),
        )

    def _tolerate(self, fine: bool) -> None:
        """Bear with frames that do not fit, or too many of them, up to a number in a row: then the app is not listening."""
        self._mistakes = 0 if fine else self._mistakes + 1
        if self._mistakes >= self._hub.bounds.mistakes:
            self.close(FLOOD, "too many refused frames")

    def _failed(self, error: LyoError, request_id: str, **about: str) -> str:
        return failed(error, request_id, self._language, **about)

    def _request(self, shown: SignIn | None) -> Call:
        assert shown is not None
        proxies = self._now.settings.trusted_proxies
        headers = shown.over(self._headers)
        return as_request(self._scope, headers, request_id=answers.request_id(), proxies=proxies)

    # --- what time brings

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._hub.bounds.watch)
            if self._shown is None:
                self._expect_sign_in()
            else:
                await self._judge(self._shown)
                self._age()

    def _expect_sign_in(self) -> None:
        if time.monotonic() - self._began < self._hub.bounds.sign_in:
            return
        late: LyoError = Unauthenticated("No sign-in came in time.")
        try:
            address = as_request(self._scope, self._headers, request_id="", proxies=self._now.settings.trusted_proxies)
            self._now.limits.admit_address(address.client_ip)
        except RateLimited as error:
            late = error
        self.close(_code(late), "no sign-in", self._failed(late, self._name))

    async def _judge(self, shown: SignIn) -> None:
        """Whether the sign-in still holds. While that cannot be read the connection stays: its messages are refused."""
        try:
            await self._now.identity.authenticate(f"Bearer {shown.token}")
        except Unavailable:
            return
        except CallerError as error:
            if shown is self._shown:  # it was not renewed meanwhile
                self.close(SIGNED_OUT, "signed out", self._failed(error, self._name))
            return
        bounds = self._hub.bounds
        if not self._renewing and shown.expires_at - self._now.clock() <= bounds.renew:
            self._renewing = True
            self._readers.note(said("reauth", expires_at=shown.expires_at))

    def _age(self) -> None:
        bounds, now = self._hub.bounds, time.monotonic()
        if not self.busy and now - self._heard >= bounds.idle:
            self.close(IDLE, "idle")
        age = now - self._began
        if age >= bounds.life - bounds.notice and not self._warned:
            self._warned = True
            self.warn("age", bounds.notice)
        elif age >= bounds.life or (self._warned and not self.busy):
            self.close(RESTART, "connect again")


def _code(error: LyoError) -> int:
    """The close code of a sign-in that failed."""
    if isinstance(error, Unavailable):
        return LATER
    if isinstance(error, RateLimited):
        return TOO_OFTEN
    return NOT_YOURS if isinstance(error, Forbidden) else SIGNED_OUT
