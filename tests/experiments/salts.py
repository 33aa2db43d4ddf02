"""Experiments of the real function with a salt of the test's choice, so that who gets which variant is no matter of luck."""

from shared.documents import LiveConfig
from shared.experiments.course import LIVE
from shared.store import Put, Store
from shared.stored.experiments import Experiment


async def resalt(store: Store, name: str, salt: str = "salt") -> None:
    """Have an experiment that has just been started split its units by `salt`. Nobody must have been assigned yet."""
    experiment = await store.get(Experiment, name)
    live = await store.get(LiveConfig, LIVE)
    assert experiment is not None
    assert experiment.running is not None
    assert live is not None
    running = experiment.running.model_copy(update={"salt": salt})
    others = [one for one in live.experiments if one.id != name]
    assert len(others) == len(live.experiments) - 1
    await store.commit(
        Put(experiment.model_copy(update={"running": running})),
        Put(live.model_copy(update={"experiments": [*others, running]})),
    )
