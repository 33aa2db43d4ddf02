"""The models: stable names of the API and of experiments, each with its provider, concrete id and price. Data.

`ROUTES` says who is asked in which order; `shared.llm.routing` only filters it. To add a model: one line in MODELS,
its place in ROUTES, its price in prices.json.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from shared.llm import prices
from shared.llm.prices import Price
from shared.settings import Settings

ProviderName = Literal["gemma", "openai", "anthropic", "gemini"]


@dataclass(frozen=True, slots=True)
class Model:
    """One model that can be asked. `wire` picks the adapter, `group` is the account or endpoint whose fate it shares."""

    name: str
    provider: ProviderName
    wire: Literal["local", "gemma_cloud", "openai", "anthropic", "gemini"]
    model_id: str
    price: Price | None

    @property
    def group(self) -> str:
        """Breaker scope shared by all models behind the same account or endpoint."""
        return f"account:{self.wire}"

    @property
    def scope(self) -> str:
        """Breaker scope of this model alone."""
        return f"model:{self.model_id}"

    @property
    def free(self) -> bool:
        """Whether a call costs no money by the token, so that a spent budget does not stop it."""
        return self.price is not None and self.price.self_hosted


@dataclass(frozen=True, slots=True)
class _Line:
    provider: ProviderName
    wire: Literal["local", "gemma_cloud", "openai", "anthropic", "gemini"]
    model_id: Callable[[Settings], str]
    configured: Callable[[Settings], bool]


MODELS: Mapping[str, _Line] = {
    "gemma_4_on_device": _Line(
        "gemma",
        "local",
        lambda s: s.gemma_4_model_path or "gemma-4-e4b",
        lambda s: s.local_infer_url is not None and s.enable_gpu_acceleration,
    ),
    "gemma_4_cloud": _Line(
        "gemma", "gemma_cloud", lambda _: "gemma-4-26b-a4b", lambda s: s.gemma_4_cloud_endpoint is not None
    ),
    "gpt_4_mini": _Line(
        "openai", "openai", lambda s: s.openai_model_default or "gpt-6-luna", lambda s: s.openai_api_key is not None
    ),
    "gpt_4": _Line("openai", "openai", lambda _: "gpt-6.1-sol", lambda s: s.openai_api_key is not None),
    "claude": _Line("anthropic", "anthropic", lambda _: "claude-sonnet-5-5", lambda s: s.anthropic_api_key is not None),
    "gemini_flash": _Line("gemini", "gemini", lambda _: "gemini-3.8-flash", lambda s: s.google_ai_api_key is not None),
}

Tier = Literal["simple", "complex"]

ROUTES: Mapping[Tier, tuple[str, ...]] = {
    # Simple prompts: the own model, then the cheapest paid one first.
    "simple": ("gemma_4_on_device", "gpt_4_mini", "gemma_4_cloud", "gemini_flash", "gpt_4", "claude"),
    # Complex prompts: Gemini Flash leads, the strong models follow by price, the own model is the way back.
    "complex": ("gemini_flash", "gpt_4", "claude", "gpt_4_mini", "gemma_4_cloud", "gemma_4_on_device"),
}


@dataclass(frozen=True, slots=True)
class Catalog:
    """The models that are configured here, by stable name."""

    models: Mapping[str, Model]

    def resolve(self, name: str) -> Model | None:
        """A model by stable name or by its provider's id."""
        return self.models.get(name) or next((m for m in self.models.values() if m.model_id == name), None)


def load(settings: Settings, today: date) -> Catalog:
    """The configured models; one whose vendor has retired it is left out."""
    table = prices.load(settings.price_table_file)
    found: dict[str, Model] = {}
    for name, line in MODELS.items():
        if not line.configured(settings):
            continue
        model_id = line.model_id(settings)
        # What the own server calls its model does not change that it is ours: it keeps the catalogue's price.
        price = table.get("gemma-4-e4b" if line.wire == "local" else model_id)
        if price is None or not price.retired(today):
            found[name] = Model(name, line.provider, line.wire, model_id, price)
    return Catalog(found)
