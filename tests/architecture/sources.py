"""The product's Python files and what each imports, read without running any of it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Import(NamedTuple):
    """One import, anywhere in a file. `for_types` when it stands under `if TYPE_CHECKING:`, so that it never happens."""

    name: str
    line: int
    for_types: bool


@dataclass(frozen=True)
class Source:
    """One file; `name` is dotted."""

    path: Path
    name: str
    tree: ast.Module
    lines: int
    imports: tuple[Import, ...]

    @property
    def where(self) -> str:
        """The path from the repository's root."""
        return str(self.path.relative_to(ROOT))


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file of these folders (or single files), by name."""
    found = [path for folder in folders for path in _files(ROOT / folder)]
    return tuple(sorted((_read(path) for path in found), key=lambda source: source.name))


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from (file for file in path.rglob("*.py") if "__pycache__" not in file.parts)


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    parts = path.relative_to(ROOT).with_suffix("").parts
    package = path.name == "__init__.py"
    name = ".".join(parts[:-1] if package else parts)
    tree = ast.parse(text, str(path))
    return Source(path, name, tree, len(text.splitlines()), tuple(_imports(tree, name, package)))


def _imports(tree: ast.Module, name: str, package: bool) -> Iterator[Import]:
    typing = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno, id(node) in typing) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, name, package)
            for alias in node.names:
                # `from shared.llm import prices` imports a module where there is one of that name, else a name of `base`.
                full = f"{base}.{alias.name}"
                yield Import(full if _is_module(full) else base, node.lineno, id(node) in typing)


def _base(node: ast.ImportFrom, name: str, package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".") if package else name.split(".")[:-1]
    kept = parts[: len(parts) - (node.level - 1)]
    return ".".join([*kept, node.module] if node.module else kept)


@cache
def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
