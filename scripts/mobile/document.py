"""`python -m scripts.mobile.document`: the OpenAPI document of every deployed function in one. See scripts/openapi."""

import argparse
import importlib
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from scripts.devserver.documents import Json, merge
from shared.deployables import load
from shared.errors import LyoError

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
SERVER = "http://127.0.0.1:8080"
_ABOUT = (
    "Everything the deployed functions answer. Learners call with Firebase's ID token as bearer; errors are RFC 9457 "
    "problems whose `code` is stable; every POST takes an `Idempotency-Key`."
)


def whole(server: str = SERVER) -> Json:
    """The document of this checkout's catalogue. `server`: where its paths are served, without a slash at the end.

    Raises ConfigurationError when the catalogue cannot be read.
    """
    described = {entry.name: importlib.import_module(entry.module).edge.openapi() for entry in load()}
    document = merge(described, title="Lyo AI", version=version())
    document["info"]["description"] = _ABOUT
    document["servers"] = [{"url": server.rstrip("/")}]
    found: Json = _doubles(document)
    return found


def _doubles(node: Any) -> Any:
    """A copy in which every number says that it is a double: without that, Kotlin's would be BigDecimals."""
    if isinstance(node, dict):
        found = {key: _doubles(value) for key, value in node.items()}
        return {**found, "format": "double"} if node.get("type") == "number" else found
    return [_doubles(value) for value in node] if isinstance(node, list) else node


def version() -> str:
    """The project's version, which the document and the clients have too."""
    return str(tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"])


def rendered(document: Json) -> str:
    """The document as text: the same document gives the same bytes."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Print the document and nothing else; one line on standard error and exit 1 when it cannot be made."""
    parser = argparse.ArgumentParser(prog="scripts/openapi", description="The OpenAPI document of the whole system.")
    parser.add_argument("--server", default=SERVER, help=f"where the paths are served (default: {SERVER})")
    given = parser.parse_args()
    try:
        sys.stdout.write(rendered(whole(given.server)))
    except LyoError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
