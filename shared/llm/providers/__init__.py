"""The adapters, one file each; `build` imports the one that is asked for, when it is asked for."""

from collections.abc import Awaitable, Callable, Mapping

from shared.errors import ConfigurationError
from shared.llm.types import Provider
from shared.settings import Settings

Identity = Callable[[str], Callable[[], Awaitable[str]]]
"""From an audience to what returns the Authorization header for it."""


def _local(settings: Settings, identity: Identity) -> Provider:
    from shared.llm.providers.local import OpenAICompatible

    url, audience = _needed(settings.local_infer_url, "LOCAL_INFER_URL"), settings.local_infer_audience
    tokens = None if audience is None else identity(audience)
    return OpenAICompatible(url, traced=True, own=True, authorization=tokens)


def _gemma_cloud(settings: Settings, _: Identity) -> Provider:
    from shared.llm.providers.local import OpenAICompatible

    return OpenAICompatible(
        _needed(settings.gemma_4_cloud_endpoint, "GEMMA_4_CLOUD_ENDPOINT"), settings.gemma_4_api_key
    )


def _openai(settings: Settings, _: Identity) -> Provider:
    from shared.llm.providers.openai import OpenAI

    return OpenAI(_needed(settings.openai_api_key, "OPENAI_API_KEY"), settings.openai_base_url)


def _anthropic(settings: Settings, _: Identity) -> Provider:
    from shared.llm.providers.anthropic import Anthropic

    return Anthropic(_needed(settings.anthropic_api_key, "ANTHROPIC_API_KEY"), settings.anthropic_base_url)


def _gemini(settings: Settings, _: Identity) -> Provider:
    from shared.llm.providers.gemini import Gemini

    return Gemini(_needed(settings.google_ai_api_key, "GOOGLE_AI_API_KEY"), settings.google_gemini_base_url)


BUILDERS: Mapping[str, Callable[[Settings, Identity], Provider]] = {
    "local": _local,
    "gemma_cloud": _gemma_cloud,
    "openai": _openai,
    "anthropic": _anthropic,
    "gemini": _gemini,
}
"""By the catalogue's `wire`."""


def build(wire: str, settings: Settings, identity: Identity) -> Provider:
    """The adapter of one wire; `identity` gives our own tokens for an audience."""
    return BUILDERS[wire](settings, identity)


def _needed(value: str | None, name: str) -> str:
    if value is None:
        raise ConfigurationError(f"{name}: is not set")  # the catalogue leaves such models out
    return value
