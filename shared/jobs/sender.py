"""Handing jobs to Cloud Tasks: one call, named so that sending the same thing twice is one task."""

import asyncio
import hashlib
import logging
import math
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson

from shared import forks, log
from shared.documents import Job
from shared.errors import Unavailable

if TYPE_CHECKING:
    from google.cloud.tasks_v2 import CloudTasksAsyncClient, Task

ATTEMPTS: Final = 4
CALL_SECONDS: Final = 5.0
ALL_SECONDS: Final = 10.0
"""Seconds after which no further attempt is begun."""
PAUSE: Final = 0.2
"""Seconds before the second attempt, doubled for each further one, times 0.5-1.5."""
REST_SECONDS: Final = 10.0
"""After a send that failed nobody tries, as nobody else's would succeed either; then one does."""
GIVEN_UP_SECONDS: Final = 0.3
"""A send that its caller cancels after this long counts as failed; before, as a caller who went away."""
DISPATCH_DEADLINE: Final = timedelta(minutes=30)
"""The longest there is: how long Cloud Tasks waits for the answer to a delivery."""
FARTHEST: Final = timedelta(days=29)
"""Cloud Tasks takes 30 days; what is due later comes early and is told to come again."""
_RECONNECT: Final = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1000)]

_log = log.get(__name__)


class Sender:
    """Makes a task for a job: a POST of its id to `{target_url}/jobs/{kind}` with an OIDC token of `service_account`.

    `queue` is the full name, projects/P/locations/L/queues/Q. With `emulator_host` (host:port) it speaks in the clear.
    The client is built on first use, in the process and the loop that use it.
    """

    def __init__(
        self,
        queue: str,
        *,
        target_url: str,
        audience: str,
        service_account: str,
        emulator_host: str | None = None,
        rng: Callable[[], float] = random.random,
        rest: float = REST_SECONDS,
    ) -> None:
        self._queue = queue
        self._target = target_url.rstrip("/")
        self._audience = audience
        self._account = service_account
        self._emulator = emulator_host
        self._rng = rng
        self._rest = rest
        self._resting_until = 0.0  # by the loop's clock, which is the machine's
        self._client: CloudTasksAsyncClient | None = None
        self._built_in: tuple[int, asyncio.AbstractEventLoop] | None = None

    async def send(self, job: Job, now: float) -> None:
        """Have the job delivered when it is due. Sent again under the same sending number it is the same task.

        Raises Unavailable when it cannot be sent; the task may exist all the same. For REST_SECONDS after that it is
        raised at once: the job's document is there, and its next sending makes the task.
        """
        loop = asyncio.get_running_loop()
        began, rested = loop.time(), self._resting_until
        if began < rested:
            log.event(_log, "jobs.unsent", job_id=job.id, kind=job.kind, error="resting")
            raise Unavailable("The job cannot be sent at the moment.", retry_after=math.ceil(rested - began))
        probing = began + self._rest if rested else 0.0
        self._resting_until = probing  # the others wait for what becomes of this one
        try:
            await self._send(job, now)
        except asyncio.CancelledError:
            if loop.time() - began >= GIVEN_UP_SECONDS:
                self._resting_until = loop.time() + self._rest
            elif self._resting_until == probing:
                self._resting_until = rested  # nothing was learnt: the next one tries
            raise
        except BaseException:
            self._resting_until = loop.time() + self._rest
            raise
        self._resting_until = 0.0

    async def _send(self, job: Job, now: float) -> None:
        from google.api_core.exceptions import AlreadyExists, GoogleAPICallError
        from google.auth.exceptions import GoogleAuthError

        loop = asyncio.get_running_loop()
        until = loop.time() + ALL_SECONDS
        task = self._task(job, now)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                client = await self._connected(loop)
                await client.create_task(parent=self._queue, task=task, retry=None, timeout=CALL_SECONDS)
            except AlreadyExists:
                return
            except (GoogleAPICallError, GoogleAuthError) as error:
                failure = type(error).__name__
                if not _passes(error) or attempt == ATTEMPTS or loop.time() >= until:
                    break
            else:
                return
            await asyncio.sleep(PAUSE * 2 ** (attempt - 1) * (0.5 + self._rng()))
        log.event(_log, "jobs.unsent", level=logging.WARNING, job_id=job.id, kind=job.kind, error=failure)
        raise Unavailable("The job cannot be sent at the moment.", retry_after=5)

    async def close(self) -> None:
        """Let go of the connection; a later use opens another."""
        client, self._client = self._client, None
        if client is not None and self._built_in == (forks.generation, asyncio.get_running_loop()):
            await client.transport.close()  # type: ignore[no-untyped-call]  # the SDK has no types there

    async def _connected(self, loop: asyncio.AbstractEventLoop) -> "CloudTasksAsyncClient":
        if self._client is None or self._built_in != (forks.generation, loop):
            # In a thread: it asks the metadata server, which may take its time.
            credentials = None if self._emulator is not None else await asyncio.to_thread(_credentials)
            if self._client is None or self._built_in != (forks.generation, loop):
                self._client, self._built_in = _client(self._emulator, credentials), (forks.generation, loop)
        return self._client

    def _task(self, job: Job, now: float) -> "Task":
        from google.cloud import tasks_v2

        # Hashed, because names with a common beginning make Cloud Tasks slow.
        name = hashlib.sha256(f"{job.id}:{job.sending}".encode()).hexdigest()
        task = tasks_v2.Task(
            name=f"{self._queue}/tasks/{name}",
            http_request=tasks_v2.HttpRequest(
                url=f"{self._target}/jobs/{quote(job.kind, safe='')}",
                http_method=tasks_v2.HttpMethod.POST,
                headers=_headers(job),
                body=orjson.dumps({"job_id": job.id, "sent_at": now}),
                oidc_token=tasks_v2.OidcToken(service_account_email=self._account, audience=self._audience),
            ),
            dispatch_deadline=DISPATCH_DEADLINE,
        )
        if job.run_at > now:
            due = datetime.fromtimestamp(now, UTC) + min(timedelta(seconds=job.run_at - now), FARTHEST)
            task.schedule_time = due
        return task


def _headers(job: Job) -> dict[str, str]:
    """With the request that asked for the job, so that the function it comes to works on in its trace."""
    headers = {"Content-Type": "application/json"}
    if job.request_id:
        headers["X-Request-ID"] = job.request_id
    if job.traceparent:
        headers["traceparent"] = job.traceparent
    return headers


def _credentials() -> Any:
    import google.auth
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport

    return google.auth.default(scopes=CloudTasksGrpcAsyncIOTransport.AUTH_SCOPES)[0]


def _client(emulator: str | None, credentials: Any) -> "CloudTasksAsyncClient":
    from google.cloud.tasks_v2 import CloudTasksAsyncClient

    if emulator is None:
        return CloudTasksAsyncClient(credentials=credentials)
    import grpc.aio  # type: ignore[import-untyped]  # it has no types of its own
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcAsyncIOTransport

    channel = grpc.aio.insecure_channel(emulator, options=_RECONNECT)
    return CloudTasksAsyncClient(transport=CloudTasksGrpcAsyncIOTransport(channel=channel))


def _passes(error: Any) -> bool:
    """Whether trying again a moment later may help. All of them are safe to repeat, because a task's name is its own."""
    from google.api_core import exceptions
    from google.auth.exceptions import GoogleAuthError

    if isinstance(error, GoogleAuthError):
        return bool(error.retryable)
    return isinstance(
        error,
        exceptions.ServiceUnavailable
        | exceptions.DeadlineExceeded
        | exceptions.InternalServerError
        | exceptions.Aborted
        | exceptions.TooManyRequests,
    )
