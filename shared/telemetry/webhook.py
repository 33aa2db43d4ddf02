"""Posting an alert to ALERT_WEBHOOK_URL: one attempt, which says whether it arrived. The address is a secret: nothing shows it."""

import logging
from collections.abc import Mapping
from typing import Any, Final

import orjson

from shared import log

POST_SECONDS: Final = 5.0

_logger = log.get(__name__)


async def post(url: str, payload: Mapping[str, Any], key: str) -> bool:
    """Post JSON; True when it was taken (2xx). `key` is the same at each attempt, so that a receiver can tell repetitions."""
    import aiohttp

    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=POST_SECONDS)) as session,
            session.post(url, data=orjson.dumps(payload), headers=headers, allow_redirects=False) as answer,
        ):
            if answer.status // 100 == 2:
                return True
            log.event(_logger, "webhook.refused", level=logging.WARNING, status=answer.status)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:  # ValueError: no address at all
        log.event(_logger, "webhook.failed", level=logging.WARNING, error=type(error).__name__)
    return False
