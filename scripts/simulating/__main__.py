"""`scripts/simulate`: see there."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.benchmarks.processes import StartError, environment, serving
from scripts.lib.coldstart import free_port
from scripts.simulating.api import Api, Refused
from scripts.simulating.course import Course, course, summary
from scripts.simulating.traffic import Source, Synthetic, recorded
from shared.identity import local

_AT_ONCE = 4
_TOKEN_SECONDS = 6 * 3600.0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/simulate", description="Pour traffic through the experiments' API.")
    parser.add_argument("--aa", type=int, default=20, help="experiments without an effect (default: %(default)s)")
    parser.add_argument("--ab", type=int, default=20, help="experiments with --effect (default: %(default)s)")
    parser.add_argument("--effect", type=float, default=0.1, help="relative effect (default: %(default)s)")
    parser.add_argument("--metric", choices=("mean", "proportion", "ratio"), default="mean")
    parser.add_argument("--units", type=int, default=1000, help="of each experiment (default: %(default)s)")
    parser.add_argument("--look", type=int, default=50, help="units between two looks (default: %(default)s)")
    parser.add_argument("--replay", type=Path, metavar="DIR", help="play the recorded looks of DIR/asos.csv instead")
    parser.add_argument("--series", type=int, default=20, help="of the record's (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="a running server (needs --token); default: one of its own")
    parser.add_argument("--token", help="an administrator's token")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    given = parser.parse_args()
    if min(given.units, given.look, given.series) < 1 or min(given.aa, given.ab) < 0:
        parser.error("--units, --look and --series are 1 or more, --aa and --ab 0 or more")
    if (given.url is None) != (given.token is None):
        parser.error("--url and --token go together")
    if given.replay is not None and not (given.replay / "asos.csv").is_file():
        parser.error(f"{given.replay} has no asos.csv")
    return given


def sources(given: argparse.Namespace) -> list[tuple[str, Sequence[Source]]]:
    """What is to be played, by name."""
    if given.replay is not None:
        found = recorded(given.replay, given.units)[: given.series]
        return [("recorded", found)] if found else []
    aa = Synthetic("A/A", given.metric, 0.0)
    ab = Synthetic("A/B", given.metric, given.effect)
    played: list[tuple[str, Sequence[Source]]] = [("A/A", [aa] * given.aa), (f"A/B {given.effect:+.0%}", [ab] * given.ab)]  # fmt: skip
    return [(name, some) for name, some in played if some]


@contextmanager
def server(given: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """The address and an administrator's token: those given, or of a server that ends with the block."""
    if given.url is not None:
        yield given.url, given.token
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="simulate-") as folder:
        values = environment(AUTH_MODE="local", ENVIRONMENT="development", DATA_DIR=folder)
        command = [sys.executable, "-m", "scripts.devserver", "--port", str(port)]
        with serving(command, port=port, cpu=None, env=values) as own:
            secret = local.read_or_create_secret(Path(folder))
            yield own.url, local.mint(secret, "simulation", "admin", _TOKEN_SECONDS)


async def play(given: argparse.Namespace, url: str, token: str) -> list[dict[str, Any]]:
    """Play everything, some experiments at a time, with a progress line on standard error."""
    found = []
    async with Api(url, token) as api:
        for name, some in sources(given):
            began, calls = time.perf_counter(), api.calls
            courses = await _all(api, given, name, some)
            took = {"seconds": round(time.perf_counter() - began, 1), "calls": api.calls - calls}
            found.append({**summary(name, courses), **took})
    return found


async def _all(api: Api, given: argparse.Namespace, name: str, some: Sequence[Source]) -> list[Course]:
    places, courses = asyncio.Semaphore(_AT_ONCE), []

    async def one(source: Source, number: int) -> None:
        async with places:
            seed = given.seed * 100_000 + number
            courses.append(await course(api, source, units=given.units, look=given.look, seed=seed))
        print(f"\r{name}: {len(courses)} of {len(some)}", end="", file=sys.stderr, flush=True)

    await asyncio.gather(*(one(source, number) for number, source in enumerate(some)))
    print(file=sys.stderr)
    return courses


def main() -> None:
    """Play, show a table, and end with the figures as one JSON line."""
    given = arguments()
    if not sources(given):
        sys.exit("scripts/simulate: nothing to play")
    try:
        with server(given) as (url, token):
            found = asyncio.run(play(given, url, token))
    except (StartError, Refused, OSError) as error:
        sys.exit(f"scripts/simulate: {error}")
    columns = list(found[0])
    widths = [max(len(str(row[column])) for row in (*found, {c: c for c in columns})) for column in columns]
    for row in ({column: column for column in columns}, *found):
        print("  ".join(str(row[column]).ljust(width) for column, width in zip(columns, widths, strict=True)).rstrip())
    text = json.dumps({"units": given.units, "look": given.look, "traffic": found})
    if given.json:
        given.json.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
