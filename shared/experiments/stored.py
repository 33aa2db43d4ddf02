"""An experiment's sums in the store: read for an analysis, and forgotten."""

from shared.experiments.shards import shard_id, totals
from shared.experiments.totals import Totals
from shared.store import Delete, Ref, Store
from shared.stored.experiments import SHARDS, ExperimentShard


async def load(store: Store, experiment: str) -> Totals:
    """All that is counted of an experiment (its id): SHARDS documents in one round trip, however many events and units there were.

    What still waits in the outbox is not in it: drain the fold before.
    """
    found = await store.read(*(Ref(ExperimentShard, shard_id(experiment, shard)) for shard in range(SHARDS)))
    return totals("" if one is None else one[0].body for one in found)


async def forget(store: Store, experiment: str) -> None:
    """Delete an experiment's sums. Its units, which nobody can tell from others', go when they expire."""
    await store.commit(*(Delete(ExperimentShard, shard_id(experiment, shard)) for shard in range(SHARDS)))
