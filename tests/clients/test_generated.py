"""The clients of all four languages: complete, typed, the same every time, and readable by their languages' grammars."""

import re
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tree_sitter import Language, Node, Parser

from scripts.mobile import clients
from scripts.mobile.document import whole
from scripts.mobile.languages import LANGUAGES
from tests.processes import ROOT, environment
from tests.tools import require_tool

pytestmark = pytest.mark.timeout(300)

GUIDE = ROOT / "scripts" / "mobile" / "README.md"
ENDINGS = {"kotlin": ".kt", "swift": ".swift", "dart": ".dart", "typescript": ".ts"}
PARSED = ("kotlin", "swift", "dart")
"""TypeScript is compiled: test_typescript.py."""
UNREADABLE = ("URLSessionImplementations.swift",)
"""The generator's own, the same for every document: tree-sitter's Swift stumbles over a `case is Void.Type:` in it."""
UNTYPED = {
    "kotlin": r"JsonElement|kotlin\.Any\b",
    "swift": r"\bJSONValue\b|\bAny\b",
    "dart": r"^  (?:final )?(?:Object|dynamic|Map<String, (?:Object|dynamic)>)\?? \w+;",
    "typescript": r"^ {4}\w+\??: .*\b(?:any|object)\b",
}


def out_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command writes, into a folder named from where it was called."""
    require_tool("java", hint="Java 11 or newer runs the generator")
    here = tmp_path_factory.mktemp("here")
    done = subprocess.run(
        [ROOT / "scripts" / "clients", "made"], cwd=here, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"made/{name}" for name in LANGUAGES]
    return here / "made"


@cache
def text_of(folder: Path, language: str) -> str:
    """All sources of one language, joined."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sources(folder, language))


def sources(folder: Path, language: str) -> Iterator[Path]:
    return (path for path in sorted((folder / language).rglob("*" + ENDINGS[language])))


@cache
def document() -> dict[str, Any]:
    return whole()


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_operation_and_every_schema_is_there(generated: Path, language: str) -> None:
    text = text_of(generated, language)
    for methods in document()["paths"].values():
        for operation in methods.values():
            assert re.search(rf"\b{camel(operation['operationId'])}\(", text), operation["operationId"]
    for schema in document()["components"]["schemas"]:
        assert re.search(rf"\b(?:class|struct|interface|typealias) {schema}\b", text), schema


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_free_json_is_untyped(generated: Path, language: str) -> None:
    free = [
        (name, field)
        for name, schema in document()["components"]["schemas"].items()
        for field, described in schema.get("properties", {}).items()
        if any(option.get("additionalProperties") is True for option in described.get("anyOf", [described]))
    ]
    assert ("JobReply", "result") in free
    untyped = {
        path.stem.replace("_", "").lower()
        for path in sources(generated, language)
        if re.search(r"models?/|apis?/", str(path.relative_to(generated)), re.IGNORECASE)
        and re.search(UNTYPED[language], path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert untyped == {name.lower() for name, _ in free}


@pytest.mark.parametrize("language", PARSED)
def test_the_sources_are_read_by_the_languages_grammar(generated: Path, language: str) -> None:
    wrong = {
        path.name: where
        for path in sources(generated, language)
        if path.name not in UNREADABLE and (where := trouble(language, path.read_bytes()))
    }
    assert not wrong


@pytest.mark.parametrize("language", ["kotlin", "swift", "dart"])
def test_a_value_that_a_later_server_sends_is_no_error(generated: Path, language: str) -> None:
    text = text_of(generated, language).replace("_", "").lower()
    enums = sum(
        "enum" in option
        for schema in document()["components"]["schemas"].values()
        for field in schema.get("properties", {}).values()
        for option in [*field.get("anyOf", [field]), field.get("items", {})]
    )
    assert enums > 5
    assert text.count('"unknowndefaultopenapi"' if language != "dart" else "'unknowndefaultopenapi'") >= enums


def test_app_check_and_the_bearer_token_are_known_to_the_clients(generated: Path) -> None:
    assert 'apiKey["X-Firebase-AppCheck"]' in text_of(generated, "kotlin")
    assert 'apiKey("X-Firebase-AppCheck")' in text_of(generated, "typescript")
    assert "accessToken" in text_of(generated, "kotlin")
    assert "HttpBearerAuth" in text_of(generated, "dart")


def test_the_same_checkout_gives_the_same_bytes_over_what_was_there(generated: Path) -> None:
    before = out_of(generated)
    (generated / "kotlin" / "of-last-year.kt").write_text("stale")
    clients.generate(generated, list(LANGUAGES))
    assert out_of(generated) == before


def test_what_the_command_has_not_written_is_not_touched(tmp_path: Path) -> None:
    require_tool("java", hint="Java 11 or newer runs the generator")
    (tmp_path / "swift").mkdir()
    (tmp_path / "swift" / "mine.swift").write_text("let mine = 1")
    with pytest.raises(clients.GenerationError, match="was not generated"):
        clients.generate(tmp_path, ["typescript", "swift"])
    assert list(out_of(tmp_path)) == ["swift/mine.swift"]


@pytest.mark.parametrize("name", ["README.md", "openapi.json"])
@pytest.mark.parametrize("text", ["# Mine\n", '{"openapi": "3.1.0"}', "[]", '"x-written-by"'])
def test_a_guide_or_document_of_another_hand_is_not_written_over(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(clients.GenerationError, match=rf"{name} is there and was not generated"):
        clients.generate(tmp_path, ["typescript"])
    assert out_of(tmp_path) == {name: text.encode()}


@pytest.mark.parametrize("name", ["README.md", "openapi.json"])
def test_a_link_is_not_written_through(tmp_path: Path, generated: Path, name: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(generated / name)
    with pytest.raises(clients.GenerationError, match="was not generated"):
        clients.generate(tmp_path / "out", ["typescript"])
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]


def test_the_guide_of_the_checkout_is_not_taken_for_generated(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(GUIDE.read_bytes())
    with pytest.raises(clients.GenerationError, match=r"README\.md is there"):
        clients.generate(tmp_path, ["kotlin"])


def test_a_language_that_there_is_not_is_said() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "clients", "unused", "--lang", "swift,cobol"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "cobol: choose from kotlin, swift, dart, typescript" in done.stderr


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guides_code_follows_the_generated_names(generated: Path, language: str) -> None:
    (code,) = snippets(language)
    text = text_of(generated, language)
    if language in PARSED:
        assert not trouble(language, code.encode())
    named = set(re.findall(r"\b(?:Chat|Mentor|Stream|Stop|Problem|Http|Api|Open|Lyo|Client|Server)[A-Z]\w+\b", code))
    named |= set(re.findall(r"\bmentor[A-Z]\w+\b", code))
    assert {"mentor" + ("Stop" if language != "typescript" else "Rate")} <= {name[:10] for name in named}
    assert {name for name in named if not re.search(rf"\b{name}\b", text)} == set()


@cache
def parser(language: str) -> Parser:
    import tree_sitter_dart
    import tree_sitter_kotlin
    import tree_sitter_swift

    grammars: dict[str, Callable[[], object]] = {
        "kotlin": tree_sitter_kotlin.language,
        "swift": tree_sitter_swift.language,
        "dart": tree_sitter_dart.language,
    }
    return Parser(Language(grammars[language]()))


def trouble(language: str, source: bytes) -> str:
    """Where a source does not fit its language's grammar; empty when it does."""
    root = parser(language).parse(source).root_node
    return next((f"line {node.start_point.row + 1}: {node.text!r:.80}" for node in errors(root)), "")


def errors(node: Node) -> Iterator[Node]:
    if node.is_error or node.is_missing:
        yield node
    for child in node.children:
        if child.has_error or child.is_missing:
            yield from errors(child)
