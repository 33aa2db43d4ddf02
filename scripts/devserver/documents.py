"""One OpenAPI document out of the functions' own ones, and the page that shows it."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse

Json = dict[str, Any]

_ASSETS = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5"
_START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#ui", persistAuthorization: true})'
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Lyo AI</title>
<link rel="stylesheet" href="{_ASSETS}/swagger-ui.css">
</head>
<body>
<div id="ui">The interface comes from cdn.jsdelivr.net; without it, read <a href="/openapi.json">/openapi.json</a>.</div>
<script src="{_ASSETS}/swagger-ui-bundle.js"></script>
<script>{_START}</script>
</body>
</html>
"""
# Nothing but this page's own line and the pinned CDN may run; styles are set inline by Swagger UI itself.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src 'sha256-{base64.b64encode(hashlib.sha256(_START.encode()).digest()).decode()}' {_ASSETS}/",
        f"style-src 'unsafe-inline' {_ASSETS}/",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def page() -> HTMLResponse:
    """Swagger UI over `/openapi.json`; its script and styles are fetched from a CDN by the browser."""
    return HTMLResponse(
        _PAGE,
        headers={"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"},
    )


def merge(documents: Mapping[str, Json], *, title: str, version: str) -> Json:
    """One document of all functions' paths and components, by function name.

    A component that two functions define alike is shared; one that differs (or refers to one that does) gets its
    function's name in front. Raises ValueError when two functions document the same path.
    """
    merged: Json = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "tags": [],
        "paths": {},
        "components": {},
    }
    for name, document in documents.items():
        renamed = _conflicts(merged["components"], document.get("components", {}))
        own: Json = _relabel(document, {old: _prefixed(old, name) for old in renamed})
        merged["tags"] += own.get("tags", []) if own.get("paths") else []  # a WebSocket's function has none to show
        for path, item in own.get("paths", {}).items():
            if path in merged["paths"]:
                raise ValueError(f"{path} is documented twice, the second time by {name}")
            merged["paths"][path] = item
        for section, items in own.get("components", {}).items():
            into = merged["components"].setdefault(section, {})
            for key, value in items.items():
                into[_prefixed(key, name) if f"#/components/{section}/{key}" in renamed else key] = value
    return merged


def _prefixed(reference: str, name: str) -> str:
    head, _, key = reference.rpartition("/")
    return f"{head}/{name.capitalize()}{key}" if head else f"{name.capitalize()}{key}"


def _conflicts(known: Json, new: Json) -> set[str]:
    """References of the new components that cannot share a known one's name."""
    items = {f"#/components/{section}/{key}": (section, key) for section in new for key in new[section]}
    found = {
        reference
        for reference, (section, key) in items.items()
        if key in known.get(section, {}) and known[section][key] != new[section][key]
    }
    while True:
        more = {
            reference
            for reference, (section, key) in items.items()
            if reference not in found and _references(new[section][key]) & found
        }
        if not more:
            return found
        found |= more


def _references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(_references, node.values()))
    if isinstance(node, list):
        return set().union(*map(_references, node))
    return set()


def _relabel(node: Any, names: Mapping[str, str]) -> Any:
    """A copy with every reference to a key of `names` (in `$ref` or a discriminator's mapping) replaced."""
    if isinstance(node, dict):
        return {key: _relabel(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [_relabel(value, names) for value in node]
    return names.get(node, node) if isinstance(node, str) else node
