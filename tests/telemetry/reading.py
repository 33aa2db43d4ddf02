"""What was rendered, read back by Prometheus' own parser."""

from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from shared.telemetry.metrics import Metrics

Make = Callable[..., Metrics]


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Every sample by (name, label values…), as Prometheus' own parser reads it."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def read(metrics: Metrics) -> dict[tuple[str, ...], float]:
    return samples(await metrics.render())
