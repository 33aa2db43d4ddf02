"""A linear model over hashed text features, out of a file of one header line and compressed weights.

With features f of a text, n of them: margin(label) = bias + scale · Σ weight[label][f] / √n. A model of kind `independent` gives
each label a probability of its own (sigmoid), one of kind `exclusive` shares one among its labels (softmax). Scales and biases carry
the calibration (Platt 1999), fitted on texts that the weights were not fitted to.

File: one line of JSON (`Header`), then the int8 weights, label after label, zlib-compressed and in base 85: all of it text, because the
archive that Terraform packs holds nothing else.
"""

import base64
import json
import math
import zlib
from array import array
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from shared.textmodel.features import Shape, of_pairs, of_word, words

FORMAT = 1
FILES = Path(__file__).with_name("files")
KNOWN_WORDS = 8192
"""Words whose contribution is kept; at this many all are forgotten."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a model is and what it was made of. `sources` names each data set with its licence and the SHA-256 of what was read."""

    name: str
    kind: Literal["independent", "exclusive"]
    labels: tuple[str, ...]
    shape: Shape
    scales: tuple[float, ...]
    biases: tuple[float, ...]
    thresholds: dict[str, float]
    """Where a user of the model draws the line, by what for."""
    sources: tuple[dict[str, Any], ...]
    licence: str
    seed: int
    command: str
    measured: dict[str, float]
    """Cross-validated when it was made."""
    tongues: tuple[str, ...] = ()
    """The languages that have features of their own; in any other the model is asked as if the language were not known."""


class Model:
    """One model, scored without any package. Safe to share between threads: what it keeps is only a memory of its own sums."""

    def __init__(self, header: Header, weights: bytes) -> None:
        self.header = header
        size = header.shape.size
        if len(weights) != size * len(header.labels):
            raise ValueError(f"{header.name}: {len(weights)} weights for {len(header.labels)} labels of {size} places")
        table = array("b", weights)
        self._tables = tuple(table[start * size : (start + 1) * size] for start in range(len(header.labels)))
        self._known: dict[tuple[str, str], tuple[int, ...]] = {}

    def margins(self, text: str, language: str = "") -> list[float]:
        """The labels' margins, in the header's order: log-odds for `independent` labels. `language`: one of the header's tongues counts."""
        language = language if language in self.header.tongues else ""
        shape, tables, known = self.header.shape, self._tables, self._known
        found = words(text)
        sums, count = [0] * len(tables), 0
        for word in dict.fromkeys(found):
            part = known.get((language, word)) or self._learn(word, language)
            count += part[-1]
            for place, value in enumerate(part[:-1]):
                sums[place] += value
        if shape.pairs:
            pairs = of_pairs(found, shape, language)
            count += len(pairs)
            for place, table in enumerate(tables):
                sums[place] += sum([table[number] for number in pairs])
        root = math.sqrt(count or 1)
        return [
            bias + scale * total / root
            for bias, scale, total in zip(self.header.biases, self.header.scales, sums, strict=True)
        ]

    def scores(self, text: str, language: str = "") -> dict[str, float]:
        """Label -> probability."""
        margins = self.margins(text, language)
        if self.header.kind == "independent":
            return {label: sigmoid(margin) for label, margin in zip(self.header.labels, margins, strict=True)}
        top = max(margins)
        shares = [math.exp(margin - top) for margin in margins]
        whole = sum(shares)
        return {label: share / whole for label, share in zip(self.header.labels, shares, strict=True)}

    def _learn(self, word: str, language: str) -> tuple[int, ...]:
        numbers = of_word(word, self.header.shape, language)
        part = (*(sum([table[number] for number in numbers]) for table in self._tables), len(numbers))
        if len(self._known) >= KNOWN_WORDS:
            self._known.clear()
        self._known[language, word] = part
        return part


def sigmoid(margin: float) -> float:
    """Log-odds -> probability."""
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, margin))))


def load(path: Path) -> Model:
    """The model in a file. Raises ValueError for a file of another format or a damaged one."""
    line, separator, packed = path.read_bytes().partition(b"\n")
    if not separator:
        raise ValueError(f"{path.name} is no text model")
    raw = json.loads(line)
    if raw.pop("format", None) != FORMAT:
        raise ValueError(f"{path.name} is no text model of format {FORMAT}")
    for name in ("labels", "scales", "biases", "sources", "tongues"):
        raw[name] = tuple(raw.get(name, ()))
    header = Header(**(raw | {"shape": Shape(**raw["shape"])}))
    try:
        return Model(header, zlib.decompress(base64.b85decode(packed)))
    except (zlib.error, ValueError) as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error


def pack(header: Header, weights: bytes) -> bytes:
    """The bytes of a model's file; the same model gives the same bytes."""
    fields = {"format": FORMAT, **asdict(header)}
    return json.dumps(fields, ensure_ascii=False).encode() + b"\n" + base64.b85encode(zlib.compress(weights, 9))
