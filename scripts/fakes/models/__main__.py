"""`python -m scripts.fakes.models --port 9100`: the fake model server until it is interrupted."""

import argparse
import asyncio
import signal

from scripts.fakes.models.server import FakeModels


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fake-models", description="A model server that fails on demand.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100, help="0 takes a free one")
    parser.add_argument("--model", action="append", help="a name for the lists of models; may be given several times")
    parser.add_argument("--keepalive", type=float, default=0.2, help="seconds between keep-alives of a silent answer")
    return parser.parse_args()


async def _serve(wanted: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    models = wanted.model or ["fake-ok"]
    async with FakeModels(host=wanted.host, port=wanted.port, models=models, keepalive=wanted.keepalive) as fake:
        print(f"fake models at {fake.url} (OpenAI: {fake.openai_url}); GET /__stats, POST /__script", flush=True)
        await stopped.wait()


asyncio.run(_serve(_arguments()))
