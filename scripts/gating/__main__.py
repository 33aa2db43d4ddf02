"""`scripts/language-gate`: see there."""

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scripts.benchmarks.progress import Progress
from scripts.gating.measuring import Evaluation, evaluate, prompts_of
from shared.documents import LiveConfig
from shared.errors import LyoError
from shared.language.detector import Detector
from shared.language.gate import LAST, THRESHOLDS, failed
from shared.language.names import CODES
from shared.llm.catalog import MODELS
from shared.runtime import Runtime
from shared.store import Create, Put, Write
from shared.stored.gates import LanguageGate


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, or what is given instead of it."""
    parser = argparse.ArgumentParser(
        prog="scripts/language-gate", description="Evaluate languages, and open or close them."
    )
    parser.add_argument("codes", nargs="+", choices=(*CODES, "all"), metavar="CODE|all")
    parser.add_argument("--model", choices=tuple(MODELS), help="asked first; default: as requests are routed")
    parser.add_argument(
        "--open", action="store_true", help="store the outcome: what passes is open from now on, the rest closed"
    )
    parser.add_argument("--force", choices=("open", "closed"), help="store this, without an evaluation")
    parser.add_argument("--json", type=Path, help="write the figures there")
    return parser.parse_args(given)


async def run(options: argparse.Namespace, runtime: Runtime) -> int:
    """Measure, show, and store where that was asked for. 1 where a language did not pass."""
    codes = CODES if "all" in options.codes else tuple(dict.fromkeys(options.codes))
    if options.force:
        gates = [_forced(code, options.force == "open", runtime.clock()) for code in codes]
    else:
        gates = await _measured(runtime, codes, options.model)
        _show(gates)
        if options.open and options.model is None and any(gate.model == "template" for gate in gates):
            sys.exit(
                "scripts/language-gate: no model answered, so nothing was stored: --force is an operator's own word"
            )
    if options.force or options.open:
        await store(runtime, gates)
        print("stored: " + ", ".join(_told(gate) for gate in gates))
    if options.json:
        options.json.write_text(json.dumps(_record(gates), indent=1) + "\n", encoding="utf-8")
    return 0 if options.force or all(gate.open for gate in gates) else 1


async def _measured(runtime: Runtime, codes: Sequence[str], model: str | None) -> list[LanguageGate]:
    detector = Detector()
    detector.load()
    bar = Progress("asking", sum(prompts_of(code) for code in codes))
    asked = None if model is None else runtime.catalog.resolve(model)
    gates = []
    for code in codes:
        found = await evaluate(runtime, detector, code, model, bar.step)
        missed = failed(found.figures)
        if model is not None and (asked is None or set(found.models) != {asked.model_id}):
            missed.append("model")  # somebody else's answers say nothing of this one
        gates.append(_gate(code, found, missed, runtime.clock()))
    bar.end()
    return gates


def _gate(code: str, found: Evaluation, missed: list[str], now: float) -> LanguageGate:
    return LanguageGate(
        id=code,
        open=not missed,
        model=found.model,
        prompts=found.prompts,
        figures=found.figures,
        thresholds=THRESHOLDS,
        failed=missed,
        evaluated_at=now,
        evaluated_by=getpass.getuser(),
    )


def _forced(code: str, is_open: bool, now: float) -> LanguageGate:
    who = getpass.getuser()
    return LanguageGate(id=code, open=is_open, model="", prompts=0, forced=True, evaluated_at=now, evaluated_by=who)


async def store(runtime: Runtime, gates: Sequence[LanguageGate]) -> None:
    """The gates and what requests go by, in one commit over the configuration that was read. Raises StaleVersion."""
    found = await runtime.store.get_versioned(LiveConfig, "live")
    live = LiveConfig(id="live") if found is None else found[0]
    changed = live.model_copy(
        update={
            "version": live.version + 1,
            "languages": {**live.languages, **{gate.id: gate.open for gate in gates if gate.id != LAST}},
            "updated_at": runtime.clock(),
            "updated_by": f"language-gate:{getpass.getuser()}",
        }
    )
    write: Write = Create(changed) if found is None else Put(changed, expect=found[1])
    await runtime.store.commit(write, *(Put(gate) for gate in gates))


def _told(gate: LanguageGate) -> str:
    if gate.id == LAST and not gate.open:
        return f"{gate.id} open (the last of every order is never closed)"
    return f"{gate.id} {'open' if gate.open else 'closed'}"


def _show(gates: Sequence[LanguageGate]) -> None:
    names = tuple(THRESHOLDS)
    print("     " + "  ".join(f"{name:>14}" for name in names) + "  model")
    for gate in gates:
        figures = "  ".join(f"{gate.figures[name]:14.3f}" for name in names)
        print(f"{gate.id:3}  {figures}  {gate.model}  {'passes' if gate.open else 'fails: ' + ', '.join(gate.failed)}")


def _record(gates: Sequence[LanguageGate]) -> dict[str, object]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "thresholds": THRESHOLDS,
        "languages": {
            gate.id: {"open": gate.open, "model": gate.model, "prompts": gate.prompts, "figures": gate.figures}
            for gate in gates
        },
    }


async def _run(options: argparse.Namespace) -> int:
    runtime = Runtime()
    try:
        return await run(options, runtime)
    finally:
        await runtime.close()


def main() -> None:
    """Run it; what is in the way is one line on standard error."""
    try:
        sys.exit(asyncio.run(_run(arguments())))
    except LyoError as error:
        sys.exit(f"scripts/language-gate: {error.detail or error.title}")
    except ImportError as error:
        sys.exit(f"scripts/language-gate: {error}")


if __name__ == "__main__":
    main()
