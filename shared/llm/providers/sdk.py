"""What the official SDKs have in common: a client that is built once, by the first call, and errors to be classified."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from shared.llm.failures import classify


class Lazy:
    """A client that `build` makes on first use, once however many ask at the same time. One event loop."""

    def __init__(self, build: Callable[[], Awaitable[Any]]) -> None:
        self._build = build
        self._client: Any = None
        self._building = asyncio.Lock()

    async def get(self) -> Any:
        """The client; the first call waits for its SDK's import, seconds perhaps, in a thread."""
        if self._client is None:
            async with self._building:
                if self._client is None:
                    self._client = await self._build()
        return self._client

    def take(self) -> Any:
        """The client, to be closed, or None; the next `get` builds a new one."""
        client, self._client = self._client, None
        return client


@contextmanager
def explained(sdk: Any, clock: Callable[[], float], key: str) -> Iterator[None]:
    """Classify the errors of an SDK of Stainless's making (openai, anthropic); a lost connection is left to `translated`."""
    try:
        yield
    except sdk.APIConnectionError:
        raise
    except sdk.APIStatusError as error:
        headers = error.response.headers
        raise classify(error.status_code, error.body, headers=headers, now=clock(), secrets=(key,)) from None
    except sdk.APIResponseValidationError:
        raise
    except sdk.APIError as error:  # an error event inside a stream; `body` is what stood under "error"
        raise classify(200, {"error": error.body or error.message}, secrets=(key,)) from None
