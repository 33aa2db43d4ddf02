"""The picture, captions and quality of scenes."""

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from shared.animation import floor, lettering, quality, scene, still
from shared.animation.captions import as_text, captions
from shared.animation.scene import Scene
from shared.language.names import LANGUAGES, is_rtl
from tests.animation.scenes import HOSTILE, everything, scenes, with_text

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {SVG + tag for tag in ("svg", "title", "desc", "rect", "g", "circle", "polygon", "polyline", "text", "tspan")}


def drawn(made: Scene) -> ET.Element:
    """The parsed picture, after everything in it was found to be a plain mark."""
    root = ET.fromstring(still.draw(made))
    for element in root.iter():
        assert element.tag in DRAWN
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name or name == "style"]
    return root


def words(root: ET.Element) -> str:
    return " ".join(element.text or "" for element in root.iter(SVG + "tspan"))


def test_the_picture_shows_the_moment_with_most_to_see() -> None:
    root = drawn(scene.read(everything()))
    said = words(root)
    assert "a² + b² = c²" in said
    assert "مرحبا" in said, "the table that the bars became"
    assert "It turns." in said, "the caption of that moment"
    assert root.find(SVG + "title").text == "Everything"  # type: ignore[union-attr]
    assert root.find(SVG + "desc").text == "One of each kind."  # type: ignore[union-attr]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scenes())
def test_any_scene_has_a_picture_captions_and_a_quality(made: Scene) -> None:
    drawn(made)
    assert all(one.end <= other.start for one, other in zip(captions(made), captions(made)[1:], strict=False))
    assert all(0 <= share <= 1 for share in quality.assess(made, "A dot, a table").model_dump().values())
    assert made.title in as_text(made)


@pytest.mark.parametrize("text", HOSTILE)
def test_t50_hostile_texts_stay_texts_in_the_picture(text: str) -> None:
    assert "".join(text.split()) in "".join(words(drawn(scene.read(with_text(text)))).split())


def test_captions_stand_as_long_as_they_are_said() -> None:
    found = [(caption.start, caption.end, caption.text) for caption in captions(scene.read(everything()))]
    assert found == [(0.0, 0.8, "First."), (0.8, 1.2, "It turns."), (1.8, 2.0, "The end.")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_floor_is_a_scene_in_every_language(language: str) -> None:
    made = floor.plain("Zeige: wie 光合作用 wächst! مرحبا؟ और फिर।\r\nEnde", language)
    assert scene.check(made.model_dump_json()) == []
    assert made.description == floor.notice(language) == made.steps[0].caption
    said = words(drawn(made))
    for part in ("Zeige", "光合作用", "مرحبا", "और फिर", "Ende"):
        assert part in said
    assert ('direction="rtl"' in still.draw(made, direction=LANGUAGES[language].direction)) == is_rtl(language)
    assert len({floor.notice(code) for code in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize(
    "prompt", ["?", "\u200b\u202e", "a" * 2000, "\x00\x01", "क्‍ष" * 400, "🧪" * 300, "。" * 50, "a\n\n\nb" * 100]
)
def test_the_floor_takes_any_words(prompt: str) -> None:
    made = floor.plain(prompt, "hi")
    assert scene.check(made.model_dump_json()) == []
    drawn(made)


def test_quality_finds_what_a_person_would() -> None:
    plain: dict[str, Any] = {
        "title": "Gravity pulls apples",
        "description": "An apple falls.",
        "objects": [
            {"kind": "text", "id": "a", "text": "apple", "y": 2},
            {"kind": "text", "id": "b", "text": "gravity", "y": 0},
        ],
        "steps": [
            {
                "seconds": 4,
                "caption": "Gravity pulls the apple down.",
                "actions": [{"kind": "create", "target": name} for name in "ab"],
            }
        ],
    }

    def measured(**changes: Any) -> quality.Quality:
        return quality.assess(scene.read(json.dumps(plain | changes)), "Show how gravity pulls an apple")

    good = measured()
    assert (good.coverage, good.framing, good.clarity, good.reading, good.motion) == (0.75, 1, 1, 1, 1)
    over = [plain["objects"][0], plain["objects"][1] | {"y": 2.1}]
    assert measured(objects=over).clarity == 0
    low = [plain["objects"][0], plain["objects"][1] | {"y": -3.6}]
    assert measured(objects=low).framing == 0.5
    hasty = [plain["steps"][0] | {"seconds": 0.3}]
    assert measured(steps=hasty).reading == 0
    assert measured(title="x", description="x", objects=[plain["objects"][0] | {"text": "x"}, plain["objects"][1] | {"text": "y"}],
                    steps=[plain["steps"][0] | {"caption": None}]).coverage == 0  # fmt: skip
    assert good.score > measured(objects=over).score > 0


def test_terms_are_found_without_spaces_too() -> None:
    assert quality.terms("光合作用") == {"光合", "合作", "作用"}
    assert quality.terms("Photosynthesis is photosynthetic") == {"photos"}


def test_lines_break_where_words_end() -> None:
    long = "The quick brown fox jumps over the lazy dog and runs away from everybody"
    lines = lettering.lines(long, 0.5, 8.0)
    assert " ".join(lines) == long
    assert all(lettering.width(line, 0.5) <= 8.0 for line in lines)
    wide = lettering.lines("光合作用" * 10, 0.5, 8.0)
    assert "".join(wide) == "光合作用" * 10
    assert len(wide) == 3
    assert "".join(lettering.lines("a" * 100, 0.5, 8.0)) == "a" * 100
    assert not any(re.match(r"[\u093e-\u094d]", line) for line in lettering.lines("कक्षा" * 30, 0.5, 3.0))
