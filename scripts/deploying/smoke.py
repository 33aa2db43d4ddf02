"""`scripts/smoke`: does what was deployed answer, does the right release answer, and is what is private private?

    python -m scripts.deploying.smoke BASE_URL [--token TOKEN] [--release NAME] [--wait SECONDS]
    python -m scripts.deploying.smoke --outputs FILE ...      the URLs of `terraform output -json`

Without a token it proves that every public function runs and refuses strangers; with one (`scripts/token`, or a Firebase ID
token) also that a learner is answered, in one piece and streamed, and that the same key gives the same answer. Prints a line
a check; exits 1 when one fails.
"""

import argparse
import asyncio
import json
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from shared import deployables

PREFIX = "/api/v1/ai"
EACH_SECONDS = 60.0
"""How long one check may take: a cold start and a model's answer."""
REFUSED = (401, 403, 404)
"""What somebody without a token may hear of a private service: Google's own check answers 403, our edge 401."""


class Wrong(Exception):
    """The deployment does not do what it should; the text is the one line to show."""


@dataclass(frozen=True)
class Target:
    """Where things are. `urls` by function's name; `private` by a name to show."""

    urls: dict[str, str]
    private: dict[str, str] = field(default_factory=dict)
    release: str | None = None
    token: str | None = None

    @classmethod
    def at(cls, base: str, **more: Any) -> "Target":
        """Everything behind one address: a load balancer, or `scripts/dev`."""
        entries = deployables.load()
        return cls({entry.name: base for entry in entries if entry.public}, **more)

    @classmethod
    def of(cls, outputs: dict[str, Any], **more: Any) -> "Target":
        """The addresses in `terraform output -json`. Raises Wrong when they are not there."""
        try:
            urls = {name: str(url) for name, url in outputs["urls"]["value"].items()}
            gpu = outputs.get("gpu_url", {}).get("value")
            base = outputs.get("base_url", {}).get("value")
            more.setdefault("release", outputs.get("release", {}).get("value"))
        except (KeyError, TypeError, AttributeError):
            raise Wrong("no `urls` in the outputs: was it applied?") from None
        public = {entry.name for entry in deployables.load() if entry.public}
        private = {name: url for name, url in urls.items() if name not in public}
        if gpu:
            private["gpu"] = str(gpu)
        # Behind the load balancer Google answers strangers at the functions' own addresses with a 404 of its own.
        return cls({name: base or url for name, url in urls.items() if name in public}, private, **more)


Check = Callable[[aiohttp.ClientSession], Awaitable[None]]


class Smoke:
    """The checks of one target, by name."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def checks(self) -> dict[str, Check]:
        """All of them, in order."""
        found: dict[str, Check] = {"ops is well": self._health}
        for entry in deployables.load():
            if entry.name in self._target.urls:
                found[f"{entry.name} runs and refuses strangers"] = self._refuses(self._target.urls[entry.name], entry)
        for name, url in self._target.private.items():
            found[f"{name} is private"] = self._closed(url)
        if self._target.token:
            found["a learner is answered, and once"] = self._answered
            found["a learner is answered in a stream"] = self._streamed
        return found

    async def _health(self, session: aiohttp.ClientSession) -> None:
        async with session.get(self._target.urls["ops"] + "/health") as answer:
            body = await _json(answer, 200)
        if body["status"] not in ("healthy", "degraded"):
            raise Wrong(f"it says it is {body['status']}: {body.get('reasons')}")
        wanted, found = self._target.release, body.get("release")
        if wanted is not None and found != wanted:
            raise Wrong(f"release {found} answers, not {wanted}")

    @staticmethod
    def _refuses(url: str, entry: deployables.Deployable) -> Check:
        async def check(session: aiohttp.ClientSession) -> None:
            # A path that exists nowhere: only the function's own edge answers it in our form, and charges nothing.
            async with session.get(f"{url}{entry.paths[-1]}/{uuid.uuid4().hex}/nothing") as answer:
                body = await _json(answer, 404)
            if body.get("code") != "not_found":
                raise Wrong(f"something else answers there: {str(body)[:120]}")

        return check

    @staticmethod
    def _closed(url: str) -> Check:
        async def check(session: aiohttp.ClientSession) -> None:
            async with session.post(url + PREFIX + "/jobs/smoke", json={"job_id": "smoke"}) as answer:
                if answer.status not in REFUSED:
                    raise Wrong(f"it answers a stranger with {answer.status}")

        return check

    async def _answered(self, session: aiohttp.ClientSession) -> None:
        key = f"smoke-{uuid.uuid4().hex}"
        first = await self._chat(session, {"Idempotency-Key": key})
        again = await self._chat(session, {"Idempotency-Key": key})
        if first != again:
            raise Wrong("the same key gave two answers")

    async def _chat(self, session: aiohttp.ClientSession, headers: dict[str, str]) -> dict[str, Any]:
        url = self._target.urls["mentor"] + PREFIX + "/mentor/chat"
        async with session.post(url, json={"message": "What is light?"}, headers=self._signed(headers)) as answer:
            body = await _json(answer, 200)
        if not body.get("model") or not body.get("message_id"):
            raise Wrong(f"the answer is not whole: {str(body)[:120]}")
        return body

    async def _streamed(self, session: aiohttp.ClientSession) -> None:
        url = self._target.urls["mentor"] + PREFIX + "/mentor/chat"
        body = {"message": "What is sound?", "stream": True}
        async with session.post(url, json=body, headers=self._signed({})) as answer:
            text = await answer.text()
        events = [line.removeprefix("event: ") for line in text.splitlines() if line.startswith("event: ")]
        if answer.status != 200 or not events or events[0] != "meta" or events[-1] != "done":
            raise Wrong(f"status {answer.status}, events {events[:3]}…{events[-1:]}")

    def _signed(self, headers: dict[str, str]) -> dict[str, str]:
        return {**headers, "Authorization": f"Bearer {self._target.token}"}


async def _json(answer: aiohttp.ClientResponse, status: int) -> dict[str, Any]:
    text = await answer.text()
    if answer.status != status:
        raise Wrong(f"status {answer.status} instead of {status}: {text[:120]!r}")
    try:
        body = json.loads(text)
    except ValueError:
        raise Wrong(f"no JSON: {text[:120]!r}") from None
    if not isinstance(body, dict):
        raise Wrong(f"no JSON object: {text[:120]!r}")
    return body


async def run(target: Target, wait: float, say: Callable[[str], None] = print) -> bool:
    """Whether all checks passed; each is tried until `wait` seconds are over, because addresses and roles spread slowly."""
    ends = time.monotonic() + wait
    passed = True
    timeout = aiohttp.ClientTimeout(total=EACH_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        for name, check in Smoke(target).checks().items():
            began, wrong = time.monotonic(), await _until(check, session, ends)
            passed = passed and wrong is None
            took = f"{time.monotonic() - began:.1f} s"
            say(f"  ok    {name} ({took})" if wrong is None else f"  WRONG {name}: {wrong} ({took})")
    return passed


async def _until(check: Check, session: aiohttp.ClientSession, ends: float) -> str | None:
    while True:
        try:
            await check(session)
        except Wrong as error:
            wrong = str(error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            wrong = f"{type(error).__name__}: {error}"
        else:
            return None
        if time.monotonic() >= ends:
            return wrong
        await asyncio.sleep(2)


def main() -> None:
    """Check, and exit 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="scripts/smoke", description=(__doc__ or "").splitlines()[0])
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("url", nargs="?", help="one address in front of everything")
    where.add_argument("--outputs", type=Path, help="file with `terraform output -json`")
    parser.add_argument("--token", help="a learner's token")
    parser.add_argument("--release", help="the release that has to answer")
    parser.add_argument("--wait", type=float, default=0.0, help="seconds to go on trying")
    arguments = parser.parse_args()
    more = {"token": arguments.token} | ({"release": arguments.release} if arguments.release else {})
    try:
        if arguments.outputs:
            target = Target.of(json.loads(arguments.outputs.read_text(encoding="utf-8")), **more)
        else:
            target = Target.at(arguments.url.rstrip("/"), **more)
    except (Wrong, OSError, ValueError) as error:
        sys.exit(f"scripts/smoke: {error}")
    sys.exit(0 if asyncio.run(run(target, arguments.wait)) else 1)


if __name__ == "__main__":
    main()
