"""Cloud Tasks on this machine: its gRPC, its names, its retries and its signed tokens, and all the bad luck it may bring.

    python -m tests.services.tasks --port N --http-port N --state FILE [--duplicate P] [--shuffle] [--late S] …

A task is kept in FILE before its sender hears of it, and counts as done only after a 2xx: killed and started again it
delivers what is left. A name is never taken twice, done or not. The HTTP port has the issuer's keys (`/jwks`), what there
is (`/tasks`), how to behave (POST `/manners`) and one more delivery of a task, whatever became of it (POST `/deliver`).
"""

import argparse
import asyncio
import json
import random
import sqlite3
import time
import uuid
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

SERVICE = "google.cloud.tasks.v2.CloudTasks"
ISSUER = "https://accounts.google.com"
KEY_ID = "tasks-1"
MONTH = 30 * 86_400.0
_TABLE = (
    "CREATE TABLE IF NOT EXISTS tasks (name TEXT PRIMARY KEY, body BLOB, due REAL, made REAL, "
    "deliveries INTEGER DEFAULT 0, status INTEGER DEFAULT 0, state TEXT DEFAULT 'waiting')"
)


@dataclass(frozen=True)
class Manners:
    """How it behaves. `duplicate`: chance of two deliveries at once; `late`: seconds at most that each is held up."""

    duplicate: float = 0.0
    shuffle: bool = False
    late: float = 0.0
    paused: bool = False
    min_backoff: float = 0.05
    max_backoff: float = 1.0
    deadline: float = 1800.0
    """Seconds at most that an answer is waited for, whatever the task says."""


class Tasks:
    """The service. `start` it inside a loop; `port` and `http_port` are where it listens then."""

    def __init__(self, state: Path, manners: Manners | None = None) -> None:
        self.manners = manners or Manners()
        self.port = self.http_port = 0
        self._file = state
        self._key = private_key(state.with_suffix(".pem"))
        self._database = sqlite3.connect(state, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute(_TABLE)
        self._under_way: dict[str, asyncio.Task[list[int]]] = {}

    async def start(self, port: int = 0, http_port: int = 0) -> None:
        """Listen on 127.0.0.1 and deliver."""
        import grpc  # type: ignore[import-untyped]

        self._session = aiohttp.ClientSession(headers={"User-Agent": "Google-Cloud-Tasks"})
        self._server = grpc.aio.server()
        self._server.add_generic_rpc_handlers((self._methods(),))
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        await self._server.start()
        app = web.Application()
        app.add_routes(
            [
                web.get("/jwks", self._jwks),
                web.get("/tasks", self._list),
                web.post("/manners", self._behave),
                web.post("/deliver", self._again),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", http_port).start()
        self.http_port = self._runner.addresses[0][1]
        self._dispatcher = asyncio.create_task(self._dispatch())

    async def stop(self) -> None:
        """End it; what is under way is cut off, as a death would."""
        for task in (self._dispatcher, *self._under_way.values()):
            task.cancel()
        await asyncio.gather(self._dispatcher, *self._under_way.values(), return_exceptions=True)
        await self._server.stop(0)
        await self._runner.cleanup()
        await self._session.close()
        self._database.close()

    def waiting(self) -> list[dict[str, Any]]:
        """The bodies of the tasks that are not done, in the order they are due."""
        rows = self._database.execute("SELECT body FROM tasks WHERE state = 'waiting' ORDER BY due, made")
        return [json.loads(_task(body).http_request.body) for (body,) in rows]

    # --- gRPC

    def _methods(self) -> Any:
        import grpc
        from google.cloud import tasks_v2 as api
        from google.protobuf import empty_pb2  # type: ignore[import-untyped]

        async def create_task(request: Any, context: Any) -> Any:
            task = request.task
            task.name = task.name or f"{request.parent}/tasks/{uuid.uuid4().int % 10**19}"
            now = time.time()
            due = task.schedule_time.timestamp() if "schedule_time" in task else now
            if problem := _problem(request.parent, task, due - now):
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, problem)
            try:
                values = (task.name, api.Task.serialize(task), due, now)
                self._database.execute("INSERT INTO tasks (name, body, due, made) VALUES (?, ?, ?, ?)", values)
            except sqlite3.IntegrityError:
                await context.abort(grpc.StatusCode.ALREADY_EXISTS, "Requested entity already exists")
            return task

        async def get_task(request: Any, context: Any) -> Any:
            found = self._database.execute(
                "SELECT body, deliveries FROM tasks WHERE name = ? AND state = 'waiting'", (request.name,)
            ).fetchone()
            if found is None:
                await context.abort(grpc.StatusCode.NOT_FOUND, "The task no longer exists, or never did.")
            task = _task(found[0])
            task.dispatch_count = found[1]
            return task

        async def delete_task(request: Any, context: Any) -> Any:
            sql = "UPDATE tasks SET state = 'deleted' WHERE name = ? AND state = 'waiting'"
            if not self._database.execute(sql, (request.name,)).rowcount:
                await context.abort(grpc.StatusCode.NOT_FOUND, "The task no longer exists, or never did.")
            return empty_pb2.Empty()

        async def create_queue(request: Any, _: Any) -> Any:
            return request.queue

        def method(behaviour: Any, takes: Any, gives: Any) -> Any:
            return grpc.unary_unary_rpc_method_handler(
                behaviour, request_deserializer=takes.deserialize, response_serializer=gives
            )

        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "CreateTask": method(create_task, api.CreateTaskRequest, api.Task.serialize),
                "GetTask": method(get_task, api.GetTaskRequest, api.Task.serialize),
                "DeleteTask": method(delete_task, api.DeleteTaskRequest, empty_pb2.Empty.SerializeToString),
                "CreateQueue": method(create_queue, api.CreateQueueRequest, api.Queue.serialize),
            },
        )

    # --- HTTP

    async def _jwks(self, _: web.Request) -> web.Response:
        public = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return web.json_response({"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]})

    async def _list(self, _: web.Request) -> web.Response:
        rows = self._database.execute("SELECT name, body, deliveries, status, state FROM tasks ORDER BY made")
        found = [
            {
                **json.loads(_task(body).http_request.body),
                "name": name,
                "deliveries": n,
                "status": status,
                "state": state,
            }
            for name, body, n, status, state in rows
        ]
        return web.json_response(found)

    async def _behave(self, request: web.Request) -> web.Response:
        self.manners = replace(self.manners, **await request.json())
        return web.json_response(asdict(self.manners))

    async def _again(self, request: web.Request) -> web.Response:
        asked = await request.json()
        found = self._database.execute("SELECT body FROM tasks WHERE name = ?", (asked["name"],)).fetchone()
        task = _task(found[0])
        answers = await asyncio.gather(*(self._post(task, 0) for _ in range(asked.get("times", 1))))
        return web.json_response([status for status, _ in answers])

    # --- delivering

    async def _dispatch(self) -> None:
        sql = "SELECT name, body, deliveries FROM tasks WHERE state = 'waiting' AND due <= ? ORDER BY due, made"
        while True:
            rows = [] if self.manners.paused else self._database.execute(sql, (time.time(),)).fetchall()
            if self.manners.shuffle:
                random.shuffle(rows)
            for name, body, deliveries in rows:
                if name not in self._under_way:
                    under_way = asyncio.create_task(self._deliver(name, _task(body), deliveries))
                    self._under_way[name] = under_way
                    under_way.add_done_callback(lambda _, name=name: self._under_way.pop(name))  # type: ignore[misc]
            await asyncio.sleep(0.01)

    async def _deliver(self, name: str, task: Any, deliveries: int) -> list[int]:
        copies = 2 if random.random() < self.manners.duplicate else 1
        answers = await asyncio.gather(*(self._post(task, deliveries) for _ in range(copies)))
        statuses = [status for status, _ in answers]
        done = any(200 <= status < 300 for status in statuses)
        pause = min(self.manners.max_backoff, self.manners.min_backoff * 2 ** min(deliveries, 20))
        pause = max(pause, min(self.manners.max_backoff, max(wait for _, wait in answers)))
        self._database.execute(
            "UPDATE tasks SET deliveries = deliveries + ?, status = ?, due = ?, state = ? WHERE name = ? AND state = 'waiting'",
            (copies, statuses[0], time.time() + pause, "done" if done else "waiting", name),
        )
        return statuses

    async def _post(self, task: Any, deliveries: int) -> tuple[int, float]:
        """The status (0: no answer) and the seconds it asks to wait."""
        if self.manners.late:
            await asyncio.sleep(random.uniform(0, self.manners.late))
        request = task.http_request
        queue, _, short = task.name.rpartition("/tasks/")
        headers = {
            **request.headers,
            "X-CloudTasks-QueueName": queue.rpartition("/")[2],
            "X-CloudTasks-TaskName": short,
            "X-CloudTasks-TaskRetryCount": str(deliveries),
            "X-CloudTasks-TaskExecutionCount": str(deliveries),
            "X-CloudTasks-TaskETA": f"{time.time():.6f}",
        }
        if request.oidc_token.service_account_email:
            audience = request.oidc_token.audience or request.url
            headers["Authorization"] = f"Bearer {token(self._key, request.oidc_token.service_account_email, audience)}"
        limit = min(task.dispatch_deadline.total_seconds() or 600, self.manners.deadline)
        timeout = aiohttp.ClientTimeout(total=limit)
        try:
            async with self._session.post(request.url, data=request.body, headers=headers, timeout=timeout) as answer:
                await answer.read()
                return answer.status, float(answer.headers.get("Retry-After", 0))
        except (aiohttp.ClientError, TimeoutError):
            return 0, 0.0


def token(key: rsa.RSAPrivateKey, email: str, audience: str, **changes: Any) -> str:
    """A token as Google signs it for a service account."""
    now = int(time.time())
    claims: dict[str, Any] = {"iss": ISSUER, "aud": audience, "azp": "1", "sub": "1234567890", "email": email}
    claims |= {"email_verified": True, "iat": now, "exp": now + 3600, **changes}
    return jwt.encode(claims, key, algorithm="RS256", headers={"kid": KEY_ID})


def _task(body: bytes) -> Any:
    from google.cloud import tasks_v2

    return tasks_v2.Task.deserialize(body)


def _problem(parent: str, task: Any, ahead: float) -> str:
    deadline = task.dispatch_deadline.total_seconds() if "dispatch_deadline" in task else 600
    if not task.name.startswith(f"{parent}/tasks/"):
        return "The task's name is not in the queue."
    if not 15 <= deadline <= 1800:
        return "dispatch_deadline must be between 15s and 30m."
    if ahead > MONTH:
        return "schedule_time is too far in the future."
    return "" if task.http_request.url.startswith(("http://", "https://")) else "The URL has no scheme."


def private_key(path: Path) -> rsa.RSAPrivateKey:
    """The key of this state file: the same after a restart."""
    if path.exists():
        key = serialization.load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        return key
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return key


async def _main(arguments: argparse.Namespace) -> None:
    given = {field.name: getattr(arguments, field.name) for field in fields(Manners)}
    tasks = Tasks(arguments.state, Manners(**given))
    await tasks.start(arguments.port, arguments.http_port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    for field in fields(Manners):
        flag = "--" + field.name.replace("_", "-")
        if isinstance(field.default, bool):
            parser.add_argument(flag, action="store_true")
        else:
            parser.add_argument(flag, type=float, default=field.default)
    asyncio.run(_main(parser.parse_args()))
