"""One gRPC connection to Firestore: the official SDK's generated messages and channel, without the layers above them.

Those layers cost half as much CPU again (`scripts/benchmarks/wires.py` measures both). They also retry on their own, and keep
what a transform has returned to themselves. What goes over the wire is the same.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

from shared.errors import Overloaded, StoreError

SERVICE = "google.firestore.v1.Firestore"
HOST = "firestore.googleapis.com"
ATTEMPT = 5.0
"""Seconds one call may take."""
PATIENCE = 10.0
"""Seconds after which a commit is not sent again."""
READ_PATIENCE = 2.0
"""Seconds after which a reading is not asked again."""
IN_FLIGHT = 100
"""Calls at a time: what one HTTP/2 connection takes. More wait here, within their own time."""

LOST = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "CANCELLED", "UNKNOWN"})
"""It may have happened: the connection broke or nobody answered."""
BUSY = frozenset({"ABORTED", "RESOURCE_EXHAUSTED"})
"""It did not happen, and may another time."""
_METHODS = ("Commit", "BatchWrite", "BatchGetDocuments", "RunQuery", "RunAggregationQuery")
_STREAMS = frozenset(_METHODS[2:])
_OPTIONS = (
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    # Back soon after a break, rather than after up to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


class Failure(Exception):
    """A call that failed, with the name of its gRPC status."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code

    def error(self, doing: str) -> StoreError | Overloaded:
        """What the store raises for it."""
        if self.code == "RESOURCE_EXHAUSTED":
            return Overloaded(f"{doing}: {self}")
        return StoreError(f"{doing}: {self}")


class Pauses:
    """When to try again: full jitter, from 50 ms doubling to a second, until `patience` seconds are over."""

    def __init__(self, patience: float, jitter: Callable[[], float] = random.random) -> None:
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + patience
        self._jitter = jitter
        self._longest = 0.05

    async def another(self) -> bool:
        """Sleep until the next attempt; False when there is none."""
        pause = self._longest * self._jitter()
        if self._loop.time() + pause >= self._until:
            return False
        self._longest = min(self._longest * 2, 1.0)
        await asyncio.sleep(pause)
        return True

    def left(self) -> float:
        """Seconds the next attempt may take."""
        return max(0.1, min(ATTEMPT, self._until - self._loop.time()))


class Link:
    """A channel of this loop, and the messages that go over it (`request("Commit")` makes an empty one)."""

    def __init__(self, channel: Any, database: str, *metadata: tuple[str, str]) -> None:
        from google.api_core.gapic_v1.client_info import METRICS_METADATA_KEY, ClientInfo
        from google.api_core.gapic_v1.routing_header import to_grpc_metadata
        from google.cloud.firestore_v1 import types

        self.database = database
        self.documents = f"{database}/documents"
        self._channel = channel
        self._free = asyncio.Semaphore(IN_FLIGHT)
        self._requests: dict[str, Any] = {}
        self._calls: dict[str, Any] = {}
        agent = (METRICS_METADATA_KEY, ClientInfo().to_user_agent())  # type: ignore[no-untyped-call]
        common = (("google-cloud-resource-prefix", database), agent, *metadata)
        by_database = (*common, to_grpc_metadata([("database", database)]))  # type: ignore[no-untyped-call]
        by_parent = (*common, to_grpc_metadata([("parent", self.documents)]))  # type: ignore[no-untyped-call]
        self._metadata = {name: by_parent if name.startswith("Run") else by_database for name in _METHODS}
        for name in _METHODS:
            request, response = (getattr(types, name + end).pb() for end in ("Request", "Response"))
            make = channel.unary_stream if name in _STREAMS else channel.unary_unary
            self._requests[name] = request
            self._calls[name] = make(
                f"/{SERVICE}/{name}",
                request_serializer=request.SerializeToString,
                response_deserializer=response.FromString,
            )

    def request(self, name: str) -> Any:
        """An empty request, with the database or the parent set."""
        if name.startswith("Run"):
            return self._requests[name](parent=self.documents)
        return self._requests[name](database=self.database)

    async def call(self, name: str, request: Any, seconds: float = ATTEMPT) -> Any:
        """The answer; of a streamed one, the list of its parts. Raises Failure."""
        from grpc.aio import AioRpcError, UsageError  # type: ignore[import-untyped]

        call, metadata = self._calls[name], self._metadata[name]
        began = asyncio.get_running_loop().time()
        await self._enter(seconds)
        try:
            seconds -= asyncio.get_running_loop().time() - began
            if name in _STREAMS:
                return [part async for part in call(request, metadata=metadata, timeout=seconds)]
            return await call(request, metadata=metadata, timeout=seconds)
        except AioRpcError as error:
            raise Failure(error.code().name, error.details() or "") from error
        except UsageError as error:  # the channel was closed meanwhile
            raise Failure("UNAVAILABLE", str(error)) from error
        finally:
            self._free.release()

    async def _enter(self, seconds: float) -> None:
        """Take one of the places, within the call's own time. Raises Failure: nothing was sent."""
        if not self._free.locked():
            await self._free.acquire()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._free.acquire()
        except TimeoutError:
            raise Failure("ABORTED", "no place became free on the connection") from None

    async def ask(self, name: str, request: Any) -> Any:
        """`call` for what changes nothing: asked again for READ_PATIENCE. Raises StoreError."""
        pauses = Pauses(READ_PATIENCE)
        while True:
            try:
                return await self.call(name, request)
            except Failure as failure:
                if failure.code not in LOST | BUSY or not await pauses.another():
                    raise StoreError(f"Firestore does not answer: {failure}") from failure

    async def close(self) -> None:
        """Let what is under way finish for a moment, then cut the connection."""
        await self._channel.close(grace=1.0)


async def connect(project: str, database: str, emulator_host: str | None) -> Link:
    """A link of the running loop; nothing is sent yet. StoreError when there are no credentials."""
    import google.auth
    import grpc.aio  # type: ignore[import-untyped]
    from google.auth.exceptions import GoogleAuthError
    from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcAsyncIOTransport as Transport

    path = f"projects/{project}/databases/{database}"
    if emulator_host is not None:
        return Link(grpc.aio.insecure_channel(emulator_host, options=_OPTIONS), path, ("authorization", "Bearer owner"))
    find: Callable[..., Awaitable[Any]] = asyncio.to_thread  # it asks the metadata server
    try:
        credentials, _ = await find(google.auth.default, scopes=Transport.AUTH_SCOPES)
    except GoogleAuthError as error:
        raise StoreError(f"no credentials for Firestore: {error}") from error
    return Link(Transport.create_channel(HOST, credentials=credentials, options=_OPTIONS), path)
