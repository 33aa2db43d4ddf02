"""Prices per token, dated, from prices.json (PRICE_TABLE_FILE adds to it or overrides it).

Money is counted in integer nano-USD (1e-9 USD), so that sums are exact. 1 USD per million tokens = 1,000 nano-USD a token.
A model that is not in the table has no price and is refused, never free.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from shared.errors import ConfigurationError
from shared.llm.types import Usage

NANO = 1_000_000_000
_TABLE = Path(__file__).with_name("prices.json")


@dataclass(frozen=True, slots=True)
class Rate:
    """Nano-USD per token. `above` is the prompt size in tokens from which the whole call is billed at this rate."""

    above: int
    input: int
    cached_input: int
    output: int


@dataclass(frozen=True, slots=True)
class Price:
    """One model's price: its base rate first, then its steps by rising `above`."""

    rates: tuple[Rate, ...]
    context: int
    max_output: int
    as_of: str
    self_hosted: bool = False
    assumed: bool = False
    retires: date | None = None

    def cost(self, usage: Usage) -> int:
        """The bill in nano-USD. Cached input tokens are part of the input and are counted once, at their own rate."""
        rate = self._rate(usage.input_tokens)
        cached = min(usage.cached_input_tokens, usage.input_tokens)
        return (
            (usage.input_tokens - cached) * rate.input + cached * rate.cached_input + usage.output_tokens * rate.output
        )

    def ceiling(self, input_tokens: int, output_tokens: int) -> int:
        """An upper bound of the bill for at most so many tokens, whatever of them is cached or crosses a step."""
        reachable = [rate for rate in self.rates if rate.above <= input_tokens]
        dearest_input = max(max(rate.input, rate.cached_input) for rate in reachable)
        return input_tokens * dearest_input + output_tokens * max(rate.output for rate in reachable)

    def retired(self, today: date) -> bool:
        """Whether the vendor has switched it off by `today`."""
        return self.retires is not None and today >= self.retires

    def _rate(self, input_tokens: int) -> Rate:
        return [rate for rate in self.rates if rate.above <= input_tokens][-1] if len(self.rates) > 1 else self.rates[0]


def load(override: Path | None = None) -> Mapping[str, Price]:
    """Every known price by the provider's model id. Raises ConfigurationError naming PRICE_TABLE_FILE when it is bad."""
    table = _parse(json.loads(_TABLE.read_text()))
    if override is not None:
        try:
            table |= _parse(json.loads(override.read_text()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(f"PRICE_TABLE_FILE: {error}") from error
    return table


def _parse(raw: Mapping[str, Any]) -> dict[str, Price]:
    as_of = str(date.fromisoformat(raw["as_of"]))
    return {name: _price(entry, as_of) for name, entry in raw["models"].items()}


def _price(entry: Mapping[str, Any], as_of: str) -> Price:
    rates = [_rate(0, entry), *(_rate(step["above"], step) for step in entry.get("steps", ()))]
    retires = entry.get("retires")
    return Price(
        rates=tuple(rates),
        context=int(entry["context"]),
        max_output=int(entry["max_output"]),
        as_of=as_of,
        self_hosted=bool(entry.get("self_hosted", False)),
        assumed=bool(entry.get("assumed", False)),
        retires=date.fromisoformat(retires) if retires else None,
    )


def _rate(above: int, entry: Mapping[str, float]) -> Rate:
    nano = {name: round(entry[name] * 1000) for name in ("input", "cached_input", "output")}
    if any(value < 0 for value in nano.values()):
        raise ValueError("a price is negative")
    return Rate(above=above, **nano)
