"""Answers of handlers."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import BaseModel
from starlette.responses import Response

JSON: Final = "application/json"


def reply(model: BaseModel, status: int = 200) -> Response:
    """A model as JSON. It is not validated again: whoever built it did that."""
    return Response(model.model_dump_json().encode(), status_code=status, media_type=JSON)


def json_reply(members: Mapping[str, Any], status: int = 200) -> Response:
    """Members that are ready for JSON as they stand."""
    return Response(orjson.dumps(members), status_code=status, media_type=JSON)
