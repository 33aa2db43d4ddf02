"""One OpenAPI document out of several."""

import base64
import hashlib
import re
from typing import Any

import pytest

from scripts.devserver.documents import merge, page


def document(path: str, **schemas: Any) -> dict[str, Any]:
    """A small document whose path refers to every schema."""
    references = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    return {"paths": {path: {"get": {"any": references}}}, "components": {"schemas": schemas}}


def merged(**documents: Any) -> Any:
    return merge(documents, title="t", version="v")


def test_paths_and_equal_components_are_joined() -> None:
    found = merged(a=document("/a", Same={"type": "object"}), b=document("/b", Same={"type": "object"}, Own={}))
    assert list(found["paths"]) == ["/a", "/b"]
    assert found["components"] == {"schemas": {"Same": {"type": "object"}, "Own": {}}}
    assert found["info"] == {"title": "t", "version": "v"}


def test_a_component_that_differs_is_renamed_where_it_is_used() -> None:
    found = merged(a=document("/a", Reply={"type": "object"}), b=document("/b", Reply={"type": "string"}))
    assert found["components"]["schemas"] == {"Reply": {"type": "object"}, "BReply": {"type": "string"}}
    assert found["paths"]["/a"]["get"]["any"] == [{"$ref": "#/components/schemas/Reply"}]
    assert found["paths"]["/b"]["get"]["any"] == [{"$ref": "#/components/schemas/BReply"}]


def test_what_refers_to_a_renamed_component_is_renamed_too() -> None:
    outer = {"properties": {"inner": {"$ref": "#/components/schemas/Inner"}}}
    found = merged(
        a=document("/a", Outer=outer, Inner={"type": "object"}), b=document("/b", Outer=outer, Inner={"type": "string"})
    )
    schemas = found["components"]["schemas"]
    assert schemas["Outer"] == outer
    assert schemas["BOuter"] == {"properties": {"inner": {"$ref": "#/components/schemas/BInner"}}}
    assert schemas["BInner"] == {"type": "string"}


def test_a_path_of_two_functions_is_refused() -> None:
    with pytest.raises(ValueError, match="/a is documented twice, the second time by b"):
        merged(a=document("/a"), b=document("/a"))


def test_the_page_allows_its_own_script_and_the_cdn_only() -> None:
    answer = page()
    policy = answer.headers["content-security-policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", bytes(answer.body).decode())
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}' https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/;" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert policy.startswith("default-src 'none'")
