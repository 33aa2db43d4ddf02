"""The experiments function inside this process, with a clock that the test turns on."""

import random
import time
from typing import Any

from starlette.types import Receive, Scope, Send

from functions import experiments
from scripts.benchmarks.inprocess import Heard, ask
from shared.identity.caller import Role
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime, override
from tests.experiments.drafts import body
from tests.product import Product

HOME = "/optimization/experiments"
DAY = 86_400.0
START = 1_800_000_000.0


class Site:
    """One instance. `as_` is who asks: a learner's id, `admin` or `service`."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.time = START
        runtime.__dict__["clock"] = lambda: self.time

    def now(self) -> None:
        """Go by the real clock, as the tokens of other functions' tests do."""
        self.time = time.time()

    async def ask(
        self, path: str, sent: Any = None, as_: str = "admin", method: str | None = None, **headers: str
    ) -> Heard:
        """One request, the path behind …/experiments; POST where no other method is named and there is a body."""
        role: Role = "admin" if as_ == "admin" else "learner"
        token = mint(read_or_create_secret(self.runtime.settings.data_dir), as_, role, 600, now=self.time)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with override(self.runtime):
            app = experiments.edge.app if sent is not None else _without_body
            return await ask(app, HOME + path, token, sent, named, method=method)

    async def good(self, path: str, sent: Any = None, as_: str = "admin", **named: Any) -> dict[str, Any]:
        """The same where it goes well; its JSON."""
        heard = await self.ask(path, sent, as_, **named)
        assert heard.status in (200, 201, 202), heard.body
        return heard.json

    async def post(self, path: str, as_: str = "admin") -> dict[str, Any]:
        """A POST without a body."""
        return await self.good(path, as_=as_, method="POST")

    async def running(self, **changes: Any) -> str:
        """The id of an experiment that has just been started (`tests.experiments.drafts.body`)."""
        made: str = (await self.good("", body(**changes)))["id"]
        await self.post(f"/{made}/start")
        return made

    async def assign(self, name: str, unit: str, **asked: Any) -> Any:
        """The unit's variant."""
        return (await self.good(f"/{name}/assign", {"unit_id": unit, **asked}))["variant"]

    async def pour(
        self, name: str, units: int, effect: dict[str, float], metric: str = "score", first: int = 0
    ) -> None:
        """Expose so many units and send a normal value for each, with the mean that its variant has in `effect`, sd 1."""
        found = []
        for number in range(first, first + units):
            unit = f"u{number}"
            variant = await self.assign(name, unit)
            if variant is not None:
                value = random.Random(f"{metric}{number}").gauss(effect[variant], 1)
                found.append({"unit_id": unit, "metric": metric, "value": value, "event_id": "e"})
        for at in range(0, len(found), 500):
            await self.good(f"/{name}/outcomes", found[at : at + 500])


async def _without_body(scope: Scope, receive: Receive, send: Send) -> None:
    """A request whose body is empty, as a server says it."""
    empty = [{"type": "http.request", "body": b""}]

    async def first() -> Any:
        return empty.pop() if empty else await receive()

    await experiments.edge.app(scope, first, send)


def site(product: Product, **settings: Any) -> Site:
    """One over a product's stores."""
    models = {"gemma_4_on_device": "fake-ok", "gpt_4_mini": "fake-ok"}
    return Site(product.runtime(models, **settings))
