"""The language and region an answer is written for, and what is said when it cannot be the one that was wanted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.documents import Profile
from shared.language import texts
from shared.language.culture import Locale, locale
from shared.language.detect import choose
from shared.language.gate import settle

if TYPE_CHECKING:
    from shared.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Spoken:
    """How to answer. `notice` is for the learner and empty where they get the language they `wanted`."""

    language: str
    where: Locale
    wanted: str
    notice: str = ""


async def spoken(
    now: "Runtime",
    text: str,
    *,
    requested: str | None = None,
    before: str | None = None,
    profile: Profile | None = None,
    accept: str | None = None,
    gates: Callable[[str], Mapping[str, bool]] | None = None,
) -> Spoken:
    """The language for an answer to `text`: what was asked for, the text's own, then what is known of the learner.

    `before` is the language of the conversation so far, `accept` the Accept-Language header. A language that its gate has
    closed gives way to the next one in order; `gates` says which are open to this learner in particular, who wants that one. With AI_ENABLE_MULTI_LANGUAGE off it is the account's.
    """
    default = now.settings.ai_default_language
    known = before or (profile.language if profile else None)
    # With a language asked for, nobody needs to find out what the text is in.
    found = None if requested else now.detector.detect(text)
    wanted = choose(requested, accept, known, text, default, found=found)
    if not now.settings.ai_enable_multi_language:
        return Spoken(default, locale(default, accept), wanted)
    switched = (await now.recent.live()).languages
    if gates is not None:
        switched = {**switched, **gates(wanted)}
    language = settle(wanted, default, switched)
    notice = "" if language == wanted else texts.language_off(wanted, language)
    return Spoken(language, locale(language, requested, accept), wanted, notice)
