"""Scenes for tests: one with everything in it, and strategies that make any scene that can be played."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from shared.animation.scene import Scene
from shared.animation.values import COLOURS
from tests.architecture.sources import ROOT
from tests.tools import unavailable

HOSTILE = [
    '"); __import__("os").system("id") #',
    "'''\"\"\"\\",
    "{x} {0.__class__} %s %(a)s ${HOME}",
    "f'{().__class__}'",
    "\\N{BULLET} \\x41 \\u0041 \\",
    "</text><script>alert(1)</script>",
    "]]> & &amp; <![CDATA[",
    "self.play(exit()) ; import os",
    "ＡＢＣ ﹙exit﹚ ｅval",
    "مرحبا بالعالم 3 + 4",
    "光合作用とは 무엇 पौधे कैसे",
    "क्‍ष न्‌",
    "🧪 e\u0301 Z\u0335",
]
EVERYTHING: dict[str, Any] = {
    "title": "Everything",
    "description": "One of each kind.",
    "objects": [
        {
            "kind": "polygon",
            "id": "tri",
            "points": [{"x": -2, "y": -1}, {"x": 1, "y": -1}, {"x": -2, "y": 1}],
            "filled": True,
        },
        {"kind": "square", "id": "sq", "x": -5, "y": 2, "side": 1, "colour": "#12ABef"},
        {"kind": "rectangle", "id": "re", "x": 5, "y": 3, "width": 2, "height": 0.5},
        {"kind": "triangle", "id": "eq", "x": -5, "y": 0, "side": 1},
        {"kind": "formula", "id": "f", "formula": "a^2 + b^2 = c^2", "x": 4, "y": 2, "size": "large"},
        {"kind": "axes", "id": "ax", "x": 3, "y": -1, "width": 6, "height": 3.6},
        {"kind": "graph", "id": "g", "axes": "ax", "formula": "2sin(x)", "colour": "yellow"},
        {"kind": "graph", "id": "broken", "axes": "ax", "formula": "1/x", "colour": "red"},
        {"kind": "brace", "id": "b", "target": "tri", "label": 'side "a" {x}'},
        {
            "kind": "bar_chart",
            "id": "bars",
            "x": -4,
            "y": 2,
            "width": 4,
            "height": 1.5,
            "bars": [{"label": "光合", "value": 3}],
        },
        {"kind": "table", "id": "t", "x": -4, "y": 2, "width": 4, "rows": [["a", "b"], ["c", "مرحبا"]]},
        {"kind": "dot", "id": "d", "x": -2, "y": 1, "colour": "red"},
        {"kind": "arrow", "id": "ar", "x": -6, "y": 0, "to_x": -3, "to_y": 0},
        {"kind": "line", "id": "li", "x": -6, "y": -2, "to_x": -3, "to_y": -2},
        {"kind": "circle", "id": "ci", "x": 0, "y": 2, "radius": 0.8},
        {"kind": "text", "id": "tx", "x": 0, "y": 3.2, "text": "नमस्ते 光合作用 مرحبا"},
        {"kind": "number_line", "id": "nl", "x": 0, "y": -2.5},
        {"kind": "group", "id": "gr", "members": ["ax", "g", "broken"]},
    ],
    "steps": [
        {
            "seconds": 0.4,
            "caption": "First.",
            "actions": [{"kind": "create", "target": name} for name in ("tri", "f", "tx", "sq")],
        },
        {
            "seconds": 0.4,
            "caption": "First.",
            "actions": [{"kind": "create", "target": name} for name in ("gr", "b", "d", "ar")],
        },
        {
            "seconds": 0.4,
            "caption": "It turns.",
            "actions": [
                {"kind": "follow", "target": "d", "path": "g"},
                {"kind": "rotate", "target": "tri", "degrees": 90},
                {"kind": "highlight", "target": "f"},
                {"kind": "scale", "target": "ar", "factor": 0.5},
                {"kind": "fade_in", "target": "bars"},
            ],
        },
        {
            "seconds": 0.4,
            "actions": [
                {"kind": "morph", "target": "bars", "into": "t"},
                {"kind": "recolour", "target": "tri", "colour": "red"},
                {"kind": "move", "target": "ar", "x": -4, "y": -1},
            ],
        },
        {"seconds": 0.2, "actions": []},
        {"seconds": 0.2, "caption": "The end.", "actions": [{"kind": "fade_out", "target": "gr"}]},
    ],
}


def everything(**changes: Any) -> str:
    """The JSON of the scene with everything in it, with some fields changed."""
    return json.dumps(EVERYTHING | changes)


def with_text(text: str) -> str:
    """A scene that has the text in every place where one may stand."""
    return json.dumps(
        {
            "title": text,
            "description": text,
            "objects": [
                {"kind": "text", "id": "tx", "x": 0, "y": 1, "text": text, "colour": "white"},
                {"kind": "table", "id": "t", "rows": [[text[:24], "b"]]},
                {"kind": "bar_chart", "id": "bars", "bars": [{"label": text[:24], "value": 1}]},
                {"kind": "brace", "id": "b", "target": "t", "label": text[:24]},
            ],
            "steps": [{"seconds": 1, "caption": text, "actions": [{"kind": "create", "target": "tx"}]}],
        }
    )


def manim() -> Path:
    """The interpreter with Manim; without it the test is skipped."""
    python = ROOT / ".venv-manim" / "bin" / "python"
    if not (ROOT / ".venv-manim" / ".installed").is_file() or not python.exists():
        unavailable("Manim is not installed: scripts/render-env")
    return python


_across, _up = st.floats(-4, 4, width=32), st.floats(-2.5, 3, width=32)
_characters = st.characters(exclude_categories=["C", "Zl", "Zp"])
_texts = st.one_of(
    st.text(_characters, max_size=23).map(lambda text: "a" + text), st.sampled_from([text[:24] for text in HOSTILE])
)
_colours = st.one_of(st.sampled_from(sorted(COLOURS)), st.from_regex(r"\A#[0-9a-fA-F]{6}\Z"))
_formulas = st.sampled_from(
    ["x", "2sin(x)", "x^2/4", "1/x", "sqrt(x)", "-(x-1)^2", "exp(-x^2)", "ln(abs(x)+1)", "tan(x)"]
)


@st.composite
def _thing(draw: st.DrawFn, name: str, before: list[str]) -> dict[str, Any]:
    kind = draw(
        st.sampled_from(
            [
                "circle",
                "square",
                "rectangle",
                "triangle",
                "dot",
                "text",
                "formula",
                "axes",
                "number_line",
                "table",
                "bar_chart",
                "line",
                "polygon",
                "brace",
            ]
        )
    )
    placed: dict[str, Any] = {"kind": kind, "id": name, "x": draw(_across), "y": draw(_up), "colour": draw(_colours)}
    if kind == "text":
        return placed | {"text": draw(_texts)}
    if kind == "formula":
        return placed | {
            "formula": draw(st.sampled_from(["a^2+b^2=c^2", "x_1 <= sqrt(pi)", "e^(i*pi) = -1", "H_2O -> H^+ + OH^-"]))
        }
    if kind == "table":
        return placed | {
            "rows": draw(st.lists(st.tuples(_texts, _texts).map(list), min_size=1, max_size=3)),
            "width": 4.0,
        }
    if kind == "bar_chart":
        bar = st.fixed_dictionaries({"label": _texts, "value": st.floats(0, 1e6)})
        return placed | {"bars": draw(st.lists(bar, min_size=1, max_size=4)), "width": 4.0, "height": 2.0}
    if kind == "line":
        return placed | {"kind": draw(st.sampled_from(["line", "arrow"])), "to_x": draw(_across), "to_y": draw(_up)}
    if kind == "brace" and before:
        return {"kind": kind, "id": name, "target": draw(st.sampled_from(before)), "label": draw(_texts)}
    if kind in ("polygon", "brace"):
        spots = st.fixed_dictionaries({"x": _across, "y": _up})
        return {"kind": "polygon", "id": name, "points": draw(st.lists(spots, min_size=3, max_size=5))}
    if kind == "axes":
        return placed | {"width": 4.0, "height": 3.0}
    return placed


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Any scene that can be played: made piece by piece, and thrown away where a rule forbids it."""
    objects: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 5))):
        objects.append(draw(_thing(f"o{number}", [thing["id"] for thing in objects])))
    objects += [
        {"kind": "graph", "id": f"graph_{thing['id']}", "axes": thing["id"], "formula": draw(_formulas)}
        for thing in objects
        if thing["kind"] == "axes"
    ]
    steps: list[dict[str, Any]] = []
    for thing in objects:
        appear = {"kind": draw(st.sampled_from(["create", "fade_in"])), "target": thing["id"]}
        steps.append({"seconds": draw(st.floats(0.2, 2)), "caption": draw(st.none() | _texts), "actions": [appear]})
        change: dict[str, Any] = draw(
            st.sampled_from(
                [
                    {"kind": "move", "x": 0.5, "y": -0.5},
                    {"kind": "rotate", "degrees": 33.3},
                    {"kind": "scale", "factor": 0.7},
                    {"kind": "recolour", "colour": "teal"},
                    {"kind": "highlight"},
                    {"kind": "fade_out"},
                ]
            )
        )
        steps.append({"seconds": 0.5, "actions": [change | {"target": thing["id"]}]})
    made = {"title": draw(_texts), "description": draw(_texts), "objects": objects, "steps": steps}
    try:
        return Scene.model_validate(made)
    except ValidationError:
        return Scene.model_validate(EVERYTHING | {"title": "instead"})
