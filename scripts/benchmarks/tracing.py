"""What tracing costs a message: CPU of the mentor's edge in this process, with tracing off, at a share, and at all requests.

    .venv/bin/python -m scripts.benchmarks.tracing [--messages 400] [--rounds 9]     # --rounds 0: the calls alone

Rounds of all settings follow each other in turn, because the machine's speed drifts; shown are the smallest and the median
round. What the calls into tracing cost by themselves comes after that, because it is too little to be seen in a message's
own time on a busy machine: where nothing is kept, where all is, and what encoding adds in the background.
"""

import argparse
import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from functions import mentor
from scripts.benchmarks import processes
from scripts.benchmarks.inprocess import ask
from scripts.benchmarks.quantiles import median
from shared import backends
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime, override
from shared.settings import Settings
from shared.telemetry import trace, trace_wire

SHARES = {"off": None, "5 %": 0.05, "100 %": 1.0}
_TURNS, _KEPT, _TOGETHER = 100_000, 400, 40


def settings_for(folder: str, upstream: str, share: float | None) -> Settings:
    """A laptop's settings with everything on; the model server takes the spans, too."""
    return Settings(
        environment="test",
        auth_mode="local",
        data_dir=Path(folder),
        log_level="WARNING",
        local_infer_url=f"{upstream}/v1",
        otel_exporter_otlp_endpoint=None if share is None else upstream,
        trace_sample_ratio=share or 0.0,
        rate_limit_ip_per_minute=10**9,
        rate_limit_user_per_minute=10**9,
        rate_limit_endpoint_per_minute=10**9,
    )


async def once(runtime: Runtime, messages: int, name: str) -> float:
    """CPU microseconds of a message with others in flight, what it leaves for the background included."""
    token = mint(read_or_create_secret(runtime.settings.data_dir), "u1", "learner", 3600)

    async def chat(number: int) -> None:
        heard = await ask(mentor.edge.app, "/mentor/chat", token, {"message": f"What is {name} {number}?"})
        if heard.status != 200:
            raise SystemExit(heard.body.decode())

    with override(runtime):
        began = time.process_time()
        for start in range(0, messages, _TOGETHER):
            await asyncio.gather(*(chat(start + one) for one in range(_TOGETHER)))
        sink = runtime.__dict__.get("tracer")
        if sink is not None:
            await sink.close()
        return (time.process_time() - began) / messages * 1e6


class Kept(list[trace.Span]):
    """A sink that holds what it is given."""

    def take(self, span: trace.Span) -> None:
        """Hold it."""
        self.append(span)

    async def close(self) -> None:
        """Nothing is sent."""


def alone(tracer: trace.Tracer, turns: int) -> float:
    """CPU microseconds of the calls that a message makes into tracing."""
    headers: dict[bytes, bytes] = {b"host": b"x"}
    began = time.process_time()
    for _ in range(turns):
        with tracer.request(headers, service="mentor", method="POST", route="/mentor/chat") as place:
            span = trace.begin("answer")
            with trace.begin("open"):
                pass
            asked = trace.begin("chat", "model", kind=trace.CLIENT)
            trace.traceparent()
            if asked.sampled:
                asked.set(
                    model="m", provider="p", attempt=1, outcome="ok", input_tokens=1, output_tokens=1, cost_usd=0.1
                )
                asked.end()
            with trace.begin("commit"):
                pass
            trace.current().set(agent="a", message_id="m", outcome="ok", cache="none", attempts=1, cost_usd=0.0)
            span.end()
            place.set(method="POST", route="/mentor/chat", request_id="r", status=200)
    return (time.process_time() - began) / turns * 1e6


def encoding(spans: list[trace.Span], messages: int) -> float:
    """CPU microseconds of making a message's spans into bytes."""
    began = time.process_time()
    building = trace_wire.Building({"service.namespace": "lyo"})
    building.add(spans)
    building.encoded()
    return (time.process_time() - began) / messages * 1e6


def calls() -> None:
    """Print what the calls cost by themselves: the least of several tries."""
    nothing = min(alone(trace.Tracer(), _TURNS) for _ in range(5))
    all_kept, encoded = [], []
    for _ in range(20):
        kept = Kept()
        all_kept.append(alone(trace.Tracer(kept, ratio=1.0), _KEPT))
        encoded.append(encoding(kept, _KEPT))
    print(
        f"calls alone, nothing kept {nothing:6.2f} us, all kept {min(all_kept):6.1f} us, encoding {min(encoded):6.1f} us"
    )


async def compare(messages: int, rounds: int) -> None:
    """Print the table."""
    used: dict[str, list[float]] = {name: [] for name in SHARES}
    async with AsyncExitStack() as stack:
        upstream = stack.enter_context(processes.module("scripts.benchmarks.upstream", None)).url
        runtimes = {}
        for name, share in SHARES.items():
            settings = settings_for(stack.enter_context(tempfile.TemporaryDirectory()), upstream, share)
            backends.preload(settings)
            runtimes[name] = Runtime(settings)
            stack.push_async_callback(runtimes[name].close)
            await once(runtimes[name], 50, "warm")
        for number in range(rounds):
            for name, runtime in runtimes.items():
                used[name].append(await once(runtime, messages, f"{name} {number}"))
                print(f"\r{number + 1}/{rounds} {name:6}", end="", flush=True)
    print(f"\r{'tracing':12} {'least, us':>10} {'median, us':>11}")
    for name, figures in used.items():
        print(f"{name:12} {min(figures):10.1f} {median(figures):11.1f}")


def main() -> None:
    """Read the arguments and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=9)
    chosen = parser.parse_args()
    if chosen.rounds:
        asyncio.run(compare(chosen.messages, chosen.rounds))
    calls()


if __name__ == "__main__":
    main()
