"""What an evaluation of the alerts costs, to the round trip and the document: it runs every minute, for ever."""

import time

from shared.store import Put
from shared.stored.watching import AlertState, Sample
from shared.telemetry import samples
from shared.telemetry.outbox import STATE
from tests.costs.meter import Cost, Site


async def test_an_evaluation_is_two_round_trips_and_one_write(site: Site) -> None:
    one = await site.still()
    costs: list[Cost] = []
    for _ in range(2):
        before = await one.settled()
        await one.runtime.watch.evaluate()
        costs.append(await one.settled() - before)
    assert costs[0].redis <= 4, "scripts are sent whole the first time"
    assert costs[1] == Cost(redis=2, reads=3, writes=1), (
        "state, rules and LiveConfig; the state (dead jobs are in a file)"
    )


async def test_a_day_of_samples_and_every_series_there_can_be_is_judged_in_no_time(site: Site) -> None:
    one = await site.still()
    keys = {
        f"metric:ai_response_time_seconds|a{agent}|m{model}|le:{bound}": 1.0
        for agent in range(9) for model in range(20) for bound in (0.5, 1.0, 2.0, 5.0, 10.0)
    }  # fmt: skip
    keys |= {
        f"metric:ai_requests_total|a{agent}|m{model}|{outcome}|n": 1.0
        for agent in range(9) for model in range(20) for outcome in ("ok", "error", "degraded", "cached", "stopped")
    }  # fmt: skip
    await one.runtime.coordination.add(keys)
    kept: list[Sample] = []
    now = time.time()
    for minute in range(1500):
        counted = dict.fromkeys(("answers", "errors", "degraded", "hits", "lookups", "usd", "own"), 0.0)
        counted |= {f"le:{bound}": 0.0 for bound in range(16)}
        kept = samples.add(kept, Sample(at=now - 60 * (1500 - minute), counts=counted, gauges={"memory": 0.5}))
    await one.runtime.store.commit(Put(AlertState(id=STATE, samples=kept)))
    size = len(AlertState(id=STATE, samples=kept).model_dump_json())
    assert size < 60_000, "Firestore takes a million"
    began = time.process_time()
    for _ in range(3):
        await one.runtime.watch.evaluate()
    spent = (time.process_time() - began) / 3
    print(f"\n{len(keys)} series, {len(kept)} samples, {size} bytes: {1000 * spent:.0f} ms of CPU an evaluation")
    assert spent < 1.0
