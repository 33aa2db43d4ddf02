"""Source that is written from scenes: it compiles, it is the same every time, and nothing of a scene becomes code in it (T50)."""

import ast
import builtins

import pytest
from hypothesis import HealthCheck, given, settings

from shared.animation import scene
from shared.animation.compiler import compile_scene
from shared.animation.scene import Scene
from tests.animation.scenes import HOSTILE, everything, scenes, with_text

MANIM = {
    "Arrow", "Circle", "Create", "DOWN", "FadeIn", "FadeOut", "Indicate", "Line", "MoveAlongPath", "Polygon",
    "ReplacementTransform", "Rotate", "Scene", "Text", "VGroup", "VMobject", "Write",
}  # fmt: skip
OWN = {"self", "words", "path", "line", "lines", "size", "colour", "most", "at", "angle", "shown", "points", "thick"}
ATTRIBUTES = {
    "add", "animate", "arrange", "background_color", "camera", "caption", "move_to", "play", "remove", "rotate", "say", "scale",
    "set_color", "set_points_as_corners", "wait", "width",
}  # fmt: skip
NODES = (
    ast.Module, ast.ImportFrom, ast.alias, ast.ClassDef, ast.FunctionDef, ast.arguments, ast.arg, ast.Assign, ast.Expr, ast.Return,
    ast.If, ast.Compare, ast.Gt, ast.BinOp, ast.Div, ast.Call, ast.keyword, ast.Attribute, ast.Name, ast.Load, ast.Store,
    ast.Constant, ast.List, ast.ListComp, ast.comprehension, ast.Starred, ast.UnaryOp, ast.USub,
)  # fmt: skip


def harmless(source: str, names: set[str]) -> ast.Module:
    """The parsed source, after every node in it was found on the short list of what the compiler writes."""
    tree = ast.parse(source)
    compile(tree, "scene.py", "exec")
    for node in ast.walk(tree):
        assert isinstance(node, NODES), ast.dump(node)
        if isinstance(node, ast.Name):
            assert node.id in MANIM | OWN | names, node.id
            assert not hasattr(builtins, node.id), node.id
        elif isinstance(node, ast.Attribute):
            assert node.attr in ATTRIBUTES, node.attr
        elif isinstance(node, ast.ImportFrom):
            assert (node.module, {alias.name for alias in node.names}) == ("manim", MANIM)
        elif isinstance(node, ast.Constant):
            assert node.value is None or type(node.value) in (str, int, float, bool)
    return tree


def named(made: Scene) -> set[str]:
    return {f"o_{thing.id}" for thing in made.objects}


def test_everything_compiles() -> None:
    made = scene.read(everything())
    tree = harmless(compile_scene(made), named(made))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert called >= MANIM - {"DOWN", "Scene"}, "every kind of thing and action is used"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenes())
def test_t50_any_scene_compiles_to_harmless_source(made: Scene) -> None:
    source = compile_scene(made)
    harmless(source, named(made))
    assert compile_scene(Scene.model_validate_json(made.model_dump_json())) == source, "the same scene, the same bytes"
    assert len(source.encode()) < 100_000


@pytest.mark.parametrize("text", HOSTILE)
def test_t50_hostile_texts_stay_texts(text: str) -> None:
    made = scene.read(with_text(text))
    tree = harmless(compile_scene(made), named(made))
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    words = "".join(text.split())
    assert any("".join(string.split()) in words and string.strip() for string in strings if len(string) > 2)
    harmless_words = compile_scene(scene.read(with_text("words")))
    kinds = [type(node) for node in ast.walk(ast.parse(harmless_words)) if not isinstance(node, ast.Constant)]
    assert {type(node) for node in ast.walk(tree)} - {ast.Constant} <= set(kinds)


def test_the_heaviest_scene_fits_where_it_is_stored() -> None:
    table = {"kind": "table", "rows": [["光合作用" * 6] * 6] * 6, "width": 9.0}
    made = scene.read(everything(objects=[table | {"id": f"t{number}"} for number in range(8)], steps=[
        {"seconds": 1, "actions": [{"kind": "create", "target": f"t{number}"} for number in range(8)]}
    ]))  # fmt: skip
    from shared.animation.still import draw

    assert len(compile_scene(made).encode()) + len(draw(made).encode()) + len(made.model_dump_json().encode()) < 250_000
