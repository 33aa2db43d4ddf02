"""The least a function can be: the framework's own answer without anything behind it."""

import functions_framework.aio
from starlette.requests import Request


@functions_framework.aio.http
async def hello(_: Request) -> str:
    """Say hello."""
    return "hello"
