"""What counting costs the shared stores: of nothing, and of messages of as many learners."""

from functions import experiments, mentor
from scripts.benchmarks.inprocess import Heard, ask
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import override
from shared.stored.activity import PLACES
from tests.costs.meter import Cost, Metered, Site

FOLD = "/optimization/experiments/fold"


async def fold(one: Metered) -> Cost:
    """Of one call by the clock."""
    token = mint(read_or_create_secret(one.runtime.settings.data_dir), "admin", "admin", 600)

    async def asked() -> Heard:
        with override(one.runtime):
            return await ask(experiments.edge.app, FOLD, token, {})

    answer, cost = await one.of(asked)
    assert answer.status == 200, answer.body
    return cost


async def test_what_counting_costs(site: Site) -> None:
    one = await site.still()
    await fold(one)
    idle = await fold(one)
    assert (idle.reads, idle.writes, idle.deletes) == (PLACES, 0, 0), "a query that finds nothing is one read"
    secret = read_or_create_secret(one.runtime.settings.data_dir)
    learners = [f"counted-{number}" for number in range(40)]
    with override(one.runtime):
        for learner in learners:
            said = await ask(
                mentor.edge.app, "/mentor/chat", mint(secret, learner, "learner", 600), {"message": "Why?"}
            )
            assert said.status == 200
    found = await fold(one)
    print(f"\nfold of nothing: {idle}; of 40 messages of as many learners: {found}")
    each = 40
    assert found.deletes == each
    assert each < found.writes <= each + 2 * PLACES, "each learner, and an hour and a day of each place"
    assert found.reads <= 3 * each + 4 * PLACES, (
        "the event, once more, the learner; the hours and days, and the query after"
    )
