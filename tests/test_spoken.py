"""Which language an answer is written in, over the real stores and the real detector."""

import pytest

from shared.documents import LiveConfig, Profile
from shared.runtime import Runtime
from shared.spoken import Spoken, spoken
from shared.store import Put
from tests.product import Product


@pytest.fixture
def runtime(product: Product) -> Runtime:
    made = product.runtime({})
    made.detector.load()
    return made


async def closed(runtime: Runtime, *codes: str) -> None:
    await runtime.store.commit(Put(LiveConfig(id="live", languages=dict.fromkeys(codes, False))))


async def test_the_message_decides_and_its_region_comes_from_the_browser(runtime: Runtime) -> None:
    answer = await spoken(runtime, "O que é um número primo?", accept="en-US, pt-PT;q=0.5")
    assert (answer.language, answer.where.tag, answer.notice) == ("pt", "pt-PT", "")


async def test_what_was_asked_for_goes_before_the_message(runtime: Runtime) -> None:
    assert (await spoken(runtime, "O que é um número primo?", requested="fr")).language == "fr"


async def test_a_short_message_stays_in_the_conversations_language(runtime: Runtime) -> None:
    profile = Profile(id="u1", language="fr")
    assert (await spoken(runtime, "ok, 15", before="de", profile=profile, accept="en")).language == "de"
    assert (await spoken(runtime, "ok, 15", profile=profile, accept="en")).language == "fr"
    assert (await spoken(runtime, "ok, 15", accept="it")).language == "it"


async def test_a_closed_language_gives_way_and_says_so_in_itself(runtime: Runtime) -> None:
    await closed(runtime, "hi", "pt")
    answer = await spoken(runtime, "अभाज्य संख्या क्या है?")
    assert answer.language == "en"
    assert answer.notice == "अभी हिन्दी में उत्तर देना संभव नहीं है, इसलिए उत्तर अंग्रेज़ी में है।"
    assert (await spoken(runtime, "O que é um número primo?")).language == "es"
    assert (await spoken(runtime, "Was ist eine Primzahl?")).notice == ""


async def test_with_one_language_it_is_the_accounts(product: Product) -> None:
    runtime = product.runtime({}, ai_enable_multi_language=False, ai_default_language="es")
    answer = await spoken(runtime, "Was ist eine Primzahl?", requested="de", accept="es-MX")
    assert (answer.language, answer.where.tag) == ("es", "es-MX")
    assert isinstance(answer, Spoken)
