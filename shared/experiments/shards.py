"""The sums of a part of an experiment's units, as they are stored and as an analysis reads them. Pure.

A shard holds, for each cell (variant, slice, cohort) its units, how many were treated, values of the primary metric, answers by model
and the moments of each metric; for each variant and quantile metric a histogram; and of all its units how many have moved, the events
that came too late, and when the first and the last of them met their variant. All but the two moments are whole numbers (`exact`), and a unit's change takes out
what it was and puts in what it is: the same units give the same body, byte for byte, in whatever order their events came.

Size: 15 numbers of up to 25 digits for a cell and metric. Two variants with ten metrics in eight cohorts have 30 KB; eight variants
in 24 slices 700 KB, below Firestore's megabyte.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final

import orjson

from shared.experiments import exact, sketch
from shared.experiments.exact import Sums, Vector
from shared.experiments.rules import Cell
from shared.experiments.totals import Cell as Counted
from shared.experiments.totals import Totals
from shared.experiments.unit import Part
from shared.stored.experiments import SHARDS

_ALONE: Final = ("early", "late")
Body = dict[str, Any]


def shard_of(unit: str) -> int:
    """The shard that counts a unit in every experiment; `shard % PLACES` is its place (`shared.activity.events.place_of`)."""
    return blake2b(unit.encode(), digest_size=2, person=b"place").digest()[0] % SHARDS


def shard_id(experiment: str, shard: int) -> str:
    """The id of an ExperimentShard."""
    return f"{experiment}:{shard}"


def unit_id(experiment: str, unit: str) -> str:
    """The id of an ExperimentUnit: nobody can tell from it whose it is."""
    return blake2b(f"{experiment}\x00{unit}".encode(), digest_size=16, person=b"unit").hexdigest()


class Shard:
    """A shard's sums while they change. `body` as stored, "" for a new one."""

    def __init__(self, body: str = "") -> None:
        self._body: Body = orjson.loads(body) if body else {}
        self._cells: dict[Cell, Body] = {}
        self._spread: dict[tuple[str, str], sketch.Histogram] = {}

    def change(self, before: Part | None, after: Part | None) -> None:
        """One unit is no longer what it was (None: it was not in) but this (None: it is not in any more)."""
        if before is not None and after is not None and before.cell == after.cell:
            self._change(before, after)
            return
        for part, sign in ((before, -1), (after, 1)):
            if part is not None:
                self._put(part, sign)

    def note(self, late: int, met_at: Iterable[float]) -> bool:
        """So many events came too late, and units met their variant at these moments. Whether that changes anything."""
        was = self._body.get("late"), self._body.get("first"), self._body.get("last")
        if late:
            self._body["late"] = self._body.get("late", 0) + late
        for at in met_at:
            self._body["first"] = min(self._body.get("first", at), at)
            self._body["last"] = max(self._body.get("last", at), at)
        return was != (self._body.get("late"), self._body.get("first"), self._body.get("last"))

    def encoded(self) -> str:
        """The body to store."""
        cells: Body = self._body.setdefault("cells", {})
        for (variant, slice_, cohort), cell in self._cells.items():
            of_variant = cells.setdefault(variant, {})
            of_variant.pop(f"{slice_}:{cohort}", None)
            if cell["units"]:
                of_variant[f"{slice_}:{cohort}"] = _packed(cell)
            if not of_variant:
                cells.pop(variant)
        spread: Body = self._body.setdefault("spread", {})
        for (variant, metric), histogram in self._spread.items():
            of_metric = spread.setdefault(variant, {})
            of_metric.pop(metric, None)
            if histogram:
                of_metric[metric] = {str(place): count for place, count in histogram.items()}
            if not of_metric:
                spread.pop(variant)
        return orjson.dumps(self._body, option=orjson.OPT_SORT_KEYS).decode()

    def _change(self, before: Part, after: Part) -> None:
        """The unit stays in its cell: only what differs is touched."""
        cell = self._cell(after.cell)
        cell["treated"] += after.treated - before.treated
        cell["converted"] += after.converted - before.converted
        self._moved(after.moved - before.moved)
        if before.delivered != after.delivered:
            _add(cell["delivered"], before.delivered, -1)
            _add(cell["delivered"], after.delivered, 1)
        for name, vector in after.vectors.items():
            if (old := before.vectors.get(name)) != vector:
                sums = cell["metrics"].setdefault(name, exact.nothing())
                _recount(sums, old, vector)
        for name, was, now in (("early", before.early, after.early), ("late", before.late, after.late)):
            if was != now:
                _recount(cell[name], was, now)
        if before.spread != after.spread:
            self._merge(before, -1)
            self._merge(after, 1)

    def _put(self, part: Part, sign: int) -> None:
        cell = self._cell(part.cell)
        cell["units"] += sign
        cell["treated"] += sign * part.treated
        cell["converted"] += sign * part.converted
        self._moved(sign * part.moved)
        _add(cell["delivered"], part.delivered, sign)
        for name, vector in part.vectors.items():
            exact.count(cell["metrics"].setdefault(name, exact.nothing()), vector, sign)
        for name, vector_ in (("early", part.early), ("late", part.late)):
            if vector_ is not None:
                exact.count(cell[name], vector_, sign)
        self._merge(part, sign)

    def _moved(self, units: int) -> None:
        if units:
            self._body["moved"] = self._body.get("moved", 0) + units

    def _merge(self, part: Part, sign: int) -> None:
        variant = part.cell[0]
        for metric, histogram in part.spread.items():
            into = self._spread.get((variant, metric))
            if into is None:
                held = self._body.get("spread", {}).get(variant, {}).get(metric, {})
                into = self._spread[variant, metric] = {int(place): count for place, count in held.items()}
            sketch.merge(into, histogram, sign)

    def _cell(self, name: Cell) -> Body:
        cell = self._cells.get(name)
        if cell is None:
            variant, slice_, cohort = name
            held = self._body.get("cells", {}).get(variant, {}).get(f"{slice_}:{cohort}", {})
            cell = self._cells[name] = _unpacked(held)
        return cell


def counted(body: str) -> dict[str, tuple[int, int]]:
    """Units and values of the primary metric by variant."""
    found: dict[str, tuple[int, int]] = {}
    for variant, cells in (orjson.loads(body) if body else {}).get("cells", {}).items():
        found[variant] = (
            sum(cell["units"] for cell in cells.values()),
            sum(cell["converted"] for cell in cells.values()),
        )
    return found


def totals(bodies: Iterable[str]) -> Totals:
    """What an analysis reads, out of all shards' bodies ("" for one that is not there): its cost is that of the shards' sizes."""
    shards: list[Body] = [orjson.loads(body) if body else {} for body in bodies]
    cells: dict[Cell, list[Body]] = {}
    for shard in shards:
        for variant, of_variant in shard.get("cells", {}).items():
            for name, cell in of_variant.items():
                slice_, _, cohort = name.partition(":")
                cells.setdefault((variant, int(slice_), int(cohort)), []).append(_unpacked(cell))
    names = {
        (variant, metric)
        for shard in shards
        for variant, spread in shard.get("spread", {}).items()
        for metric in spread
    }
    return Totals(
        cells={name: _together(found) for name, found in sorted(cells.items())},
        histograms={
            name: tuple(_histogram(shard.get("spread", {}).get(name[0], {}).get(name[1], {})) for shard in shards)
            for name in sorted(names)
        },
        moved=sum(shard.get("moved", 0) for shard in shards),
        late=sum(shard.get("late", 0) for shard in shards),
        first_exposure=min((shard["first"] for shard in shards if "first" in shard), default=None),
        last_exposure=max((shard["last"] for shard in shards if "last" in shard), default=None),
    )


def _together(cells: list[Body]) -> Counted:
    delivered: dict[str, int] = {}
    for cell in cells:
        _add(delivered, cell["delivered"], 1)
    metrics: dict[str, list[Sums]] = {}
    for cell in cells:
        for name, sums in cell["metrics"].items():
            metrics.setdefault(name, []).append(sums)
    return Counted(
        units=sum(cell["units"] for cell in cells),
        treated=sum(cell["treated"] for cell in cells),
        delivered=dict(sorted(delivered.items())),
        metrics={name: exact.moments(exact.added(found)) for name, found in sorted(metrics.items())},
        early=exact.moments(exact.added(cell["early"] for cell in cells)),
        late=exact.moments(exact.added(cell["late"] for cell in cells)),
    )


def _unpacked(held: Body) -> Body:
    return {
        "units": held.get("units", 0),
        "treated": held.get("treated", 0),
        "converted": held.get("converted", 0),
        "delivered": dict(held.get("delivered", {})),
        "metrics": {name: exact.unpacked(sums) for name, sums in held.get("metrics", {}).items()},
        **{name: exact.unpacked(held[name]) if name in held else exact.nothing() for name in _ALONE},
    }


def _packed(cell: Body) -> Body:
    return {
        **cell,
        "metrics": {name: exact.packed(sums) for name, sums in cell["metrics"].items() if sums[0]},
        **{name: exact.packed(cell[name]) for name in _ALONE},
    }


def _recount(sums: Sums, old: Vector | None, new: Vector | None) -> None:
    if old is not None:
        exact.count(sums, old, -1)
    if new is not None:
        exact.count(sums, new, 1)


def _add(into: dict[str, int], other: Mapping[str, int], sign: int) -> None:
    for name, count in other.items():
        left = into.get(name, 0) + sign * count
        if left:
            into[name] = left
        else:
            into.pop(name, None)


def _histogram(body: Mapping[str, int]) -> sketch.Histogram:
    return {int(place): count for place, count in body.items()}
