"""What may stand in a scene, and what may not (T50)."""

import json
from typing import Any

import pytest

from shared.animation import scene
from shared.animation.scene import HEAVIEST, MOST_THINGS, Scene
from tests.animation.scenes import EVERYTHING, HOSTILE, everything, with_text

DOT: dict[str, Any] = {"kind": "dot", "id": "d"}
SHOW: dict[str, Any] = {"seconds": 1, "actions": [{"kind": "create", "target": "d"}]}


def small(*objects: dict[str, Any], steps: list[dict[str, Any]] | None = None) -> str:
    return json.dumps({"title": "t", "description": "d", "objects": [DOT, *objects], "steps": steps or [SHOW]})


def step(*actions: dict[str, Any], seconds: float = 1) -> dict[str, Any]:
    return {"seconds": seconds, "actions": list(actions)}


def test_a_scene_with_everything_in_it_passes() -> None:
    assert scene.check(everything()) == []
    made = scene.read(everything())
    assert Scene.model_validate_json(made.model_dump_json()) == made
    assert made.seconds == 2.0


@pytest.mark.parametrize("field", ["import", "code", "source", "path", "file", "url", "exec", "__class__", "python"])
def test_t50_a_field_that_is_not_declared_is_refused(field: str) -> None:
    assert any(field in problem for problem in scene.check(everything(**{field: "os"})))
    assert any(field in problem for problem in scene.check(small(DOT | {"id": "e", field: "x"})))
    assert any(field in problem for problem in scene.check(small(steps=[SHOW | {field: "x"}])))


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')",
        "x.__class__",
        "exec(x)",
        "lambda: x",
        "open(x)",
        "x;x",
        "x if x else x",
        "9**9**9**9**9" * 10,
        "(" * 50 + "x",
    ],
)
def test_t50_a_formula_that_is_code_is_refused(formula: str) -> None:
    objects = [{"kind": "axes", "id": "ax"}, {"kind": "graph", "id": "g", "axes": "ax", "formula": formula}]
    assert any("graph" in problem for problem in scene.check(small(*objects)))


@pytest.mark.parametrize("latex", ["\\input{/etc/passwd}", "\\frac{1}{2}", "$x$", "${HOME}", "`id`"])
def test_t50_a_formula_that_is_latex_or_markup_is_refused(latex: str) -> None:
    assert any("LaTeX" in problem for problem in scene.check(small({"kind": "formula", "id": "f", "formula": latex})))


@pytest.mark.parametrize("name", ["__import__", "os.system", "a b", "A", "1a", "a" * 25, "é", "d\n", ""])
def test_t50_a_name_that_is_none_is_refused(name: str) -> None:
    assert scene.check(small({"kind": "dot", "id": name}))


@pytest.mark.parametrize(
    "colour", ["red; exit()", "#12345", "#12345g", "url(#a)", "rgb(1,2,3)", "#1234567", "", "#１２３４５６"]
)
def test_t50_a_colour_that_is_none_is_refused(colour: str) -> None:
    assert any("colour" in problem for problem in scene.check(small({"kind": "dot", "id": "e", "colour": colour})))


@pytest.mark.parametrize(
    "text", ["", "  ", "a\nb", "a\x00b", "\u202eevil", "a\u2066b", "\u200b", "\ud800", "\ue000", "a\u2028b"]
)
def test_t50_a_text_with_hidden_characters_is_refused(text: str) -> None:
    assert scene.check(small({"kind": "text", "id": "x", "text": text}))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_that_only_looks_like_code_is_a_text(text: str) -> None:
    assert scene.check(with_text(text)) == []


def test_t50_a_million_objects_are_refused_unread() -> None:
    many = (
        '{"title":"t","description":"d","steps":[],"objects":['
        + ",".join(['{"kind":"dot","id":"a"}'] * 1_000_000)
        + "]}"
    )
    assert scene.check(many) == ["the scene takes more than 40000 bytes"]
    some = [{"kind": "dot", "id": f"d{number}"} for number in range(MOST_THINGS)]
    assert any("at most 40" in problem for problem in scene.check(small(*some)))


def test_t50_what_would_be_too_much_to_draw_is_refused() -> None:
    table = {"kind": "table", "rows": [["a"] * 6] * 6}
    many = [table | {"id": f"t{number}"} for number in range(20)]
    assert any(f"of {HEAVIEST}" in problem for problem in scene.check(small(*many)))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", '"1"', "true", "null", "[1]", "8", "-7.01"])
def test_a_place_outside_or_of_another_type_is_refused(number: str) -> None:
    assert scene.check(small().replace('"id": "d"', f'"id": "d", "x": {number}'))


def test_a_minute_is_the_most() -> None:
    assert scene.check(small(steps=[SHOW, *[step(seconds=12)] * 4])) == []
    assert scene.check(small(steps=[SHOW, *[step(seconds=12)] * 5])) == [
        "the scene: Value error, it lasts 61 s; at most 60 s"
    ]
    assert scene.check(small(steps=[*[step(seconds=0.2)] * 61]))


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([step()], "nothing ever appears"),
        ([step({"kind": "move", "target": "d", "x": 1, "y": 1})], "has to appear first"),
        ([SHOW, SHOW], "on the stage already"),
        ([SHOW, step({"kind": "create", "target": "nobody"})], "nothing called 'nobody'"),
        (
            [SHOW, step({"kind": "highlight", "target": "d"}, {"kind": "fade_out", "target": "d"})],
            "something else in this step",
        ),
        (
            [SHOW, step({"kind": "fade_out", "target": "d"}), step({"kind": "highlight", "target": "d"})],
            "has to appear first",
        ),
        ([SHOW, step({"kind": "morph", "target": "d", "into": "d"})], "on the stage already"),
        ([SHOW, step({"kind": "follow", "target": "d", "path": "d"})], "no single line"),
    ],
)
def test_a_play_that_cannot_be_played_is_refused_with_the_step(steps: list[dict[str, Any]], says: str) -> None:
    (problem,) = scene.check(small(steps=steps))
    assert says in problem


@pytest.mark.parametrize(
    ("objects", "says"),
    [
        ([DOT], "'d' stands twice"),
        ([{"kind": "graph", "id": "g", "axes": "d", "formula": "x"}], "axes 'd' do not stand before 'g'"),
        ([{"kind": "brace", "id": "b", "target": "later"}], "'later' does not stand before 'b'"),
        ([{"kind": "group", "id": "g", "members": ["d", "e"]}], "'e' in group 'g' does not stand before"),
        ([{"kind": "group", "id": "g", "members": ["d", "d"]}], "'d' is in a group twice"),
        (
            [{"kind": "axes", "id": "a"}, {"kind": "graph", "id": "g", "axes": "a", "formula": "x+99"}],
            "nothing of the graph 'g'",
        ),
        ([{"kind": "line", "id": "l", "x": 1, "y": 1, "to_x": 1, "to_y": 1}], "two different ends"),
        ([{"kind": "axes", "id": "a", "x_from": 3, "x_to": 3}], "from a smaller number to a larger"),
        ([{"kind": "table", "id": "t", "rows": [["a"], ["b", "c"]]}], "same number of cells"),
    ],
)
def test_things_that_lean_on_nothing_are_refused(objects: list[dict[str, Any]], says: str) -> None:
    assert says in " ".join(scene.check(small(*objects)))


def test_what_leaves_the_frame_is_refused() -> None:
    big = {"kind": "square", "id": "s", "side": 6, "x": 0, "y": 0}
    shown = step({"kind": "create", "target": "s"})
    assert scene.check(small(big, steps=[shown])) == []
    (problem,) = scene.check(small(big, steps=[shown, step({"kind": "scale", "target": "s", "factor": 2})]))
    assert "beyond the frame" in problem
    (problem,) = scene.check(small(big, steps=[shown, step({"kind": "move", "target": "s", "x": 6, "y": 0})]))
    assert "beyond the frame" in problem


def test_a_group_appears_moves_and_vanishes_as_one() -> None:
    group: dict[str, Any] = {"kind": "group", "id": "g", "members": ["d", "e"]}
    things: list[dict[str, Any]] = [{"kind": "dot", "id": "e", "x": 1}, group]
    whole = step({"kind": "create", "target": "g"})
    assert scene.check(small(*things, steps=[whole, step({"kind": "highlight", "target": "e"})])) == []
    assert "appears with its group" in scene.check(small(*things))[0]
    (problem,) = scene.check(small(*things, steps=[whole, step({"kind": "fade_out", "target": "e"})]))
    assert "vanishes with its group" in problem


def test_what_is_no_json_or_no_scene_is_told() -> None:
    for text in ("", "prose", "[]", "null", '{"title": "t"'):
        assert scene.check(text)
    assert EVERYTHING["title"] == scene.read(everything()).title
