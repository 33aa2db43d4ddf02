"""`scripts/ask`: see there."""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path

import aiohttp

from scripts.asking.prompts import non_latin, texts
from scripts.asking.report import Outcome, summarise, table
from shared.identity import local
from shared.settings import Settings

CHAT = "/api/v1/ai/mentor/chat"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/ask", description="Send prompts to a running server.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8080")
    parser.add_argument("--token", help="a bearer token; without it learners are minted locally")
    parser.add_argument("--learners", type=int, default=10, help="how many learners ask in turn (minted tokens)")
    parser.add_argument("--limit", type=int, default=1_000_000, help="prompts of each file")
    parser.add_argument("--non-latin", action="store_true", help="only prompts with letters outside the Latin script")
    parser.add_argument("--stream", action="store_true")
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    return parser.parse_args()


async def ask(session: aiohttp.ClientSession, options: argparse.Namespace, bearer: str, text: str) -> Outcome:
    """Send one prompt and read its whole answer."""
    began, first = time.perf_counter(), None
    headers = {"Authorization": f"Bearer {bearer}"}
    body = {"message": text[:8000], "stream": options.stream}
    try:
        async with session.post(options.url + CHAT, json=body, headers=headers) as response:
            if not options.stream or response.status != 200:
                reply = await response.json(content_type=None)
                return Outcome(response.status, time.perf_counter() - began, None, reply)
            event, reply = "", {}
            async for line in response.content:
                if line.startswith(b"event: "):
                    event = line[7:].strip().decode()
                elif line.startswith(b"data: ") and event == "delta" and first is None:
                    first = time.perf_counter() - began
                elif line.startswith(b"data: ") and event in ("done", "error"):
                    reply = json.loads(line[6:])
            status = 200 if event == "done" else int(reply.get("status", 599))
            return Outcome(status, time.perf_counter() - began, first, reply)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        return Outcome(599, time.perf_counter() - began, None, {"code": type(error).__name__})


async def run(options: argparse.Namespace) -> int:
    """Ask everything, with a progress bar on standard error; the exit status is 1 when anything failed."""
    prompts = [text for path in options.files for text in _chosen(path, options)]
    if not prompts:
        sys.exit("no prompts left to send")
    bearers = [options.token] if options.token else _minted(options.learners)
    outcomes: list[Outcome] = []
    waiting = iter(enumerate(prompts))
    began = time.perf_counter()
    timeout = aiohttp.ClientTimeout(total=180)
    async with aiohttp.ClientSession(timeout=timeout, read_bufsize=1 << 20) as session:

        async def worker() -> None:
            for number, text in waiting:
                outcomes.append(await ask(session, options, bearers[number % len(bearers)], text))
                _progress(len(outcomes), len(prompts))

        await asyncio.gather(*(worker() for _ in range(options.concurrency)))
    if sys.stderr.isatty():
        print(file=sys.stderr)
    figures = summarise(outcomes, time.perf_counter() - began)
    print(table(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 1 if figures["failed"] else 0


def _minted(learners: int) -> list[str]:
    secret = local.read_or_create_secret(Settings.load().data_dir)
    return [local.mint(secret, f"asker-{number}", "learner", 24 * 3600) for number in range(learners)]


def _chosen(path: Path, options: argparse.Namespace) -> list[str]:
    found = [text for text in texts(path) if not options.non_latin or non_latin(text)]
    return found[: options.limit]


def _progress(done: int, total: int) -> None:
    if not sys.stderr.isatty():
        if done == total or done * 10 // total != (done - 1) * 10 // total:
            print(f"{done}/{total}", file=sys.stderr, flush=True)
        return
    width = 40
    full = width * done // total
    print(f"\r[{'#' * full}{'.' * (width - full)}] {done}/{total}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(run(arguments())))
