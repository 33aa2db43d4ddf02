"""Who is asked, in which order, and why. Pure: the same arguments give the same plan."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from shared.llm.catalog import ROUTES, Catalog, Model, Tier
from shared.llm.complexity import Complexity


@dataclass(frozen=True, slots=True)
class Plan:
    """Models in the order of asking, those that may not be asked, and one sentence that says why."""

    models: tuple[Model, ...]
    refused: tuple[Model, ...]
    tier: Tier
    reason: str


def plan(
    complexity: Complexity,
    catalog: Catalog,
    *,
    threshold: float,
    prompt_tokens: int,
    today: date,
    prefer: str | None = None,
    disabled: Collection[str] = (),
    local_fallback: bool = True,
    asleep: Collection[str] = (),
) -> Plan:
    """Order the configured models for one prompt.

    `prompt_tokens` is a likely count: models whose context window is smaller are passed over. `prefer` (an experiment's
    or an agent's choice, by stable name) goes to the front. A model without a price is refused, never called for free.
    One that is `asleep` goes to the end: it is being woken, and others answer meanwhile.
    """
    tier: Tier = "complex" if complexity.score >= threshold else "simple"
    order = [name for name in ROUTES[tier] if name in catalog.models and name not in disabled]
    if prefer in order:
        order.sort(key=lambda name: name != prefer)
    if asleep:
        order.sort(key=lambda name: name in asleep)
    # Who asked for a paid model first has said of a simple prompt what the threshold says of a complex one.
    own = local_fallback or (tier == "simple" and (prefer not in order or catalog.models[prefer].free))
    fitting: list[Model] = []
    refused: list[Model] = []
    for name in order:
        model = catalog.models[name]
        if model.price is None or model.price.retired(today):
            refused.append(model)
        elif prompt_tokens < model.price.context and (own or not model.free):
            fitting.append(model)
    reason = _reason(tier, complexity, threshold, fitting, prefer)
    if woken := [model.name for model in fitting if model.name in asleep]:
        reason += f", {', '.join(woken)} is warming up"
    return Plan(tuple(fitting), tuple(refused), tier, reason)


def _reason(tier: Tier, complexity: Complexity, threshold: float, models: list[Model], prefer: str | None) -> str:
    sign = ">=" if tier == "complex" else "<"
    why = f" ({', '.join(complexity.reasons)})" if complexity.reasons else ""
    text = f"{tier} prompt: complexity {complexity.score:.2f} {sign} {threshold:.2f}{why}"
    if not models:
        return text + "; no model is configured"
    if prefer is not None and models[0].name == prefer:
        text += "; asked for first by the agent or an experiment"
    return f"{text}; {models[0].name} first"
