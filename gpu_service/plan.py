"""What to start the engine with on an accelerator, or why it cannot be: the arithmetic, and the nearest that fits. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from gpu_service import memory
from gpu_service.hardware import HARDWARE, Hardware
from gpu_service.memory import GIB, Need
from gpu_service.models import MODELS, Checkpoint

CONTEXT: Final = 8192
"""A lesson's system prompt, a conversation and the answer: what the gateway asks for. More is a setting."""
MEMORY_SHARE: Final = 0.90
SEQUENCES: Final = (64, 48, 32, 24, 16, 12, 8, 4)
"""How many at once, the most that fits; beyond 64 a learner's own stream gets slow before the card is full."""
CONTEXTS: Final = (131_072, 65_536, 32_768, 16_384, 8192, 4096)
ADAPTERS: Final = 2
RANK: Final = 16


class Refused(ValueError):
    """The combination cannot run; the text is one line with the numbers and a way out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for. None: the default for the hardware and model (`sequences`: the most that fits)."""

    context: int = CONTEXT
    sequences: int | None = None
    memory_share: float = MEMORY_SHARE
    kv_dtype: str = "auto"
    adapters: int | None = None
    rank: int = RANK
    cpu_cache_gib: float = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """A combination that fits. `need` in bytes beside `budget_gib`; `adapters` are LoRA slots on the card."""

    hardware: Hardware
    model: Checkpoint
    context: int
    sequences: int
    memory_share: float
    kv_dtype: str
    adapters: int
    rank: int
    cpu_cache_gib: float
    need: Need

    @property
    def arithmetic(self) -> str:
        """The sum as a person checks it."""
        return f"{_sum(self)} {'<=' if _fits(self) else '>'} {_limit(self)}"


def plan(hardware: Hardware, model: Checkpoint, wish: Wish | None = None) -> Plan:
    """The plan for `wish`. Raises Refused when it does not fit, or when the hardware cannot compute that form."""
    wish = wish or Wish()
    _check_form(hardware, model, wish.kv_dtype)
    tried = [_made(hardware, model, wish, sequences) for sequences in _counts(wish)]
    for made in tried:
        if _fits(made):
            return made
    refused = tried[-1]
    raise Refused(f"{model.name} on {hardware.name} does not fit: {refused.arithmetic}; {_way_out(refused, wish)}")


def every_fitting(hardware: Hardware) -> Iterator[Plan]:
    """The default plan of each model that fits, in the table's order."""
    for model in MODELS.values():
        try:
            yield plan(hardware, model)
        except Refused:
            continue


def _counts(wish: Wish) -> tuple[int, ...]:
    return SEQUENCES if wish.sequences is None else (wish.sequences,)


def _made(hardware: Hardware, model: Checkpoint, wish: Wish, sequences: int) -> Plan:
    # An adapter for each of a hundred experts would take more than the model: where it is wanted it must be asked for.
    default = 0 if model.shape.experts else ADAPTERS
    adapters = default if wish.adapters is None else wish.adapters
    needed = memory.need(
        hardware,
        model,
        context=wish.context,
        sequences=sequences,
        kv_dtype=wish.kv_dtype,
        slots=adapters,
        rank=wish.rank,
    )
    return Plan(
        hardware, model, wish.context, sequences, wish.memory_share, wish.kv_dtype, adapters, wish.rank,
        wish.cpu_cache_gib, needed,
    )  # fmt: skip


def _fits(made: Plan) -> bool:
    if made.hardware.cpu:
        return made.need.cache <= made.cpu_cache_gib * GIB
    return made.need.total <= made.memory_share * made.hardware.usable_gib * GIB


def _lacks(hardware: Hardware, form: str) -> bool:
    """Whether it has no instructions for weights (or a cache) of that form."""
    return (form == "fp8" and not hardware.fp8) or (form == "nvfp4" and not hardware.nvfp4)


def _check_form(hardware: Hardware, model: Checkpoint, kv_dtype: str) -> None:
    if _lacks(hardware, model.form):
        advice = _first_plan(hardware, _siblings(model), Wish())
        raise Refused(
            f"{hardware.name} cannot compute {model.form} ({model.name}); {advice or 'no form of it fits here'}"
        )
    if _lacks(hardware, kv_dtype):
        raise Refused(f"{hardware.name} cannot hold its cache in fp8: KV_CACHE_DTYPE=auto")


def _siblings(model: Checkpoint) -> list[Checkpoint]:
    return [other for other in MODELS.values() if other.family == model.family and other.name != model.name]


def _way_out(refused: Plan, wish: Wish) -> str:
    """The nearest combination that fits: this model in less, its other forms, this model for hardly anybody, a smaller one."""
    hardware, model = refused.hardware, refused.model
    smaller = sorted(MODELS.values(), key=lambda other: -other.shape.linear_parameters)
    free = replace(wish, sequences=None)
    found = (
        _in_less(refused, wish, SEQUENCES)
        or _first_plan(hardware, _siblings(model), free)
        or _in_less(refused, wish, (2, 1))
        or _first_plan(hardware, [m for m in smaller if memory.weights(m) < memory.weights(model)], free)
    )
    return found or "nothing in the table fits"


def _in_less(refused: Plan, wish: Wish, counts: tuple[int, ...]) -> str | None:
    """The same model with fewer sequences, a cache of half the bytes, or a shorter context, in this order."""
    hardware, model = refused.hardware, refused.model
    halved = [replace(wish, kv_dtype="fp8")] if hardware.fp8 and wish.kv_dtype == "auto" else []
    for context in (wish.context, *(other for other in CONTEXTS if other < wish.context)):
        for kind in (wish, *halved):
            for sequences in (count for count in counts if wish.sequences is None or count <= wish.sequences):
                made = _made(hardware, model, replace(kind, context=context), sequences)
                if _fits(made):
                    return f"nearest that fits: {_settings(made, refused)} ({made.arithmetic})"
    return None


def _first_plan(hardware: Hardware, models: list[Checkpoint], wish: Wish) -> str | None:
    """The first of these models that fits, with as many sequences as do."""
    for model in models:
        if _lacks(hardware, model.form):
            continue
        for sequences in SEQUENCES:
            made = _made(hardware, model, wish, sequences)
            if _fits(made):
                return f"nearest that fits: GPU_MODEL={model.name} MAX_NUM_SEQS={sequences} ({made.arithmetic})"
    return None


def _settings(made: Plan, refused: Plan) -> str:
    """What to set, only where it differs from what was refused."""
    pairs = (
        ("MAX_NUM_SEQS", made.sequences, refused.sequences),
        ("MAX_MODEL_LEN", made.context, refused.context),
        ("KV_CACHE_DTYPE", made.kv_dtype, refused.kv_dtype),
    )
    return " ".join(f"{name}={value}" for name, value, before in pairs if value != before)


def _gib(count: float) -> str:
    return f"{count / GIB:.1f}"


def _sum(made: Plan) -> str:
    shape, need = made.model.shape, made.need
    each = (need.cache / made.sequences) / made.context / 1024
    cache = f"KV {_gib(need.cache)} GiB ({made.sequences} x {made.context} tokens x {each:.1f} KiB"
    cache += f"; {shape.full_layers} full and {shape.sliding_layers} sliding layers, {made.kv_dtype})"
    if made.hardware.cpu:
        return cache
    parts = [f"weights {_gib(need.weights)} GiB", cache]
    parts += [f"adapters {_gib(need.adapters)} GiB ({made.adapters} x rank {made.rank})"] if made.adapters else []
    parts += [f"engine {_gib(need.engine)} GiB"]
    return " + ".join(parts) + f" = {_gib(need.total)} GiB"


def _limit(made: Plan) -> str:
    if made.hardware.cpu:
        return f"{made.cpu_cache_gib:.1f} GiB (CPU_KV_GIB)"
    usable = made.hardware.usable_gib
    return f"{made.memory_share * usable:.1f} GiB ({made.memory_share:.2f} x {usable} of {made.hardware.sold_as})"


def named(hardware: str, model: str) -> tuple[Hardware, Checkpoint]:
    """Both from the tables. Raises Refused with the names there are."""
    if hardware not in HARDWARE:
        raise Refused(f"no such hardware: {hardware} (there are {', '.join(HARDWARE)})")
    if model not in MODELS:
        raise Refused(f"no such model: {model} (there are {', '.join(MODELS)}, or a folder with a checkpoint)")
    return HARDWARE[hardware], MODELS[model]
