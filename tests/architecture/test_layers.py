"""Data flows one way: a file imports its own layer or a lower one, and no file imports itself round a corner."""

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.sources import Import, Source, sources

# The longest entry that fits decides; one that ends in a dot is about the modules inside a package, not its __init__.
LAYERS = {
    # 0: words that everything uses, without I/O of their own
    "shared": 0,
    "shared.errors": 0,
    "shared.ids": 0,
    "shared.forks": 0,
    "shared.beat": 0,
    "shared.patterns": 0,
    "shared.settings": 0,
    "shared.stored": 0,
    "shared.documents": 0,
    "shared.deployables": 0,
    "shared.safety.masking": 0,  # logs are masked
    "shared.output": 0,
    "shared.log": 0,
    # 1: pure logic, and the seams that adapters fill
    "shared.store": 1,
    "shared.coordination": 1,
    "shared.jobs": 1,
    "shared.llm": 1,
    "shared.agents": 1,
    "shared.tutoring": 1,
    "shared.animation": 1,
    "shared.courses": 1,
    "shared.feed": 1,
    "shared.language": 1,
    "shared.affect": 1,
    "shared.safety": 1,
    "shared.textmodel": 1,
    "shared.experiments": 1,
    "shared.personalization": 1,
    "shared.optimization": 1,
    "shared.learning": 1,
    "shared.activity": 1,
    "shared.analytics": 1,
    "shared.telemetry": 1,
    # 2: one adapter per file
    "shared.sqlite": 2,
    "shared.sqlite_file": 2,
    "shared.store.": 2,
    "shared.coordination.": 2,
    "shared.jobs.": 2,
    "shared.llm.providers": 2,
    "shared.language.detector": 2,
    "shared.animation.rendering": 2,
    "shared.telemetry.gpu": 2,
    "shared.telemetry.webhook": 2,
    "shared.telemetry.trace_export": 2,
    # 3: logic that drives adapters through their seams
    "shared.llm.gateway": 3,
    "shared.telemetry.outbox": 3,
    "shared.telemetry.watch": 3,
    "shared.identity": 3,
    "shared.learning.records": 3,
    "shared.learning.reading": 3,
    "shared.activity.fold": 3,
    "shared.analytics.reading": 3,
    "shared.experiments.stored": 3,
    "shared.experiments.monitor": 3,
    "shared.web.limits": 3,
    "shared.web.live": 3,
    "shared.web.sse": 3,
    "shared.web.stops": 3,
    "shared.web.exchange": 3,
    "shared.web.replay": 3,
    "shared.web.ticket": 3,
    "shared.web.problem": 3,
    # 4: the composition root
    "shared.llm.compose": 4,
    "shared.llm.parts": 4,
    "shared.telemetry.compose": 4,
    "shared.recent": 3,
    "shared.activity.compose": 4,
    "shared.closing": 4,
    "shared.backends": 4,
    "shared.work": 4,
    "shared.dialogue.summarise": 4,
    "shared.animation.rendering.job": 4,
    "shared.runtime": 4,
    # 5: HTTP habits, and what a function's handlers are made of
    "shared.web": 5,
    "shared.dialogue": 5,
    "shared.spoken": 5,
    "shared.realtime": 5,
    "shared.animation.order": 5,
    "shared.asking": 5,
    "shared.unasked": 5,
    "shared.feed.serving": 5,
    "shared.learning.opened": 5,
    "shared.maintenance": 5,
    "shared.experiments.serving": 5,
    "shared.analytics.serving": 5,
    # 6: what is deployed
    "functions": 6,
    # 7: commands around the product
    "main": 7,
    "scripts": 7,
}
PRODUCT = ("main.py", "functions", "shared")


def layer(name: str) -> int | None:
    """A module's layer; None for one that the table does not know (and for what is not ours)."""
    fitting = [key for key in LAYERS if name == key or name.startswith(key if key.endswith(".") else key + ".")]
    if not fitting:
        return None
    best = max(fitting, key=len)
    # `shared` itself is in the table as the empty package only: a new module must be given its place on purpose.
    return None if best == "shared" and name != "shared" else LAYERS[best]


def ours(source: Source) -> list[Import]:
    """The imports of the product's own modules."""
    return [found for found in source.imports if found.name.split(".")[0] in ("main", "functions", "shared")]


def test_every_module_has_a_layer() -> None:
    homeless = [source.where for source in sources(*PRODUCT) if layer(source.name) is None]
    assert not homeless, f"give them a layer in tests/architecture/test_layers.py: {homeless}"


def test_imports_point_down() -> None:
    up = [
        f"{source.where}:{line} (layer {own}) imports {name} (layer {other})"
        for source in sources(*PRODUCT)
        for name, line, _ in ours(source)
        if (other := layer(name) or 0) > (own := layer(source.name) or 0)
    ]
    assert not up, "\n".join(up)


def test_nothing_in_the_product_imports_commands_or_tests() -> None:
    wrong = [
        f"{source.where}:{line} imports {name}"
        for source in sources(*PRODUCT)
        for name, line, _ in source.imports
        if name.split(".")[0] in ("scripts", "tests", "gpu_service")
    ]
    assert not wrong, "\n".join(wrong)


def test_functions_do_not_import_each_other() -> None:
    wrong = [
        f"{source.where}:{line} imports {name}"
        for source in sources("functions")
        for name, line, _ in source.imports
        if name.startswith("functions.") and name.split(".")[1:2] != source.name.split(".")[1:2]
    ]
    assert not wrong, "a function is deployed alone; what two share belongs into shared/:\n" + "\n".join(wrong)


def test_no_import_cycles() -> None:
    graph = {
        source.name: {found.name for found in ours(source) if not found.for_types} - {source.name}
        for source in sources(*PRODUCT)
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("import cycle: " + " -> ".join(error.args[1]), pytrace=False)
