"""What operators see of connections: counts and lines, and nothing that was said."""

import json

import pytest

from tests.fakes.waiting import eventually
from tests.realtime.site import Site
from tests.web.keyed import Away, use


async def test_connections_are_counted_and_logged_without_what_was_said(
    site: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    token = site.token()
    talk = await site.connect()
    await talk.say("auth", token=token)
    await talk.hear("ready")
    await talk.chat("Why is marzipan sweet? fake-n3", "my-key")
    await talk.ws.send_str('{"type":"marzipan"}')
    await talk.hear("error")
    await talk.ws.close()
    await site.refused(headers={"Authorization": "Bearer x.y.z"})
    await eventually(lambda: not site.app.hub.members)
    counted = await site.runtime.metrics.render()
    for outcome in ("open", "refused"):
        assert f'ai_realtime_connections_total{{outcome="{outcome}"}} 1' in counted
    said = capfd.readouterr().out
    for secret in ("marzipan", token, "x.y.z"):
        assert secret not in said
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    ended = [line for line in lines if line["message"] == "realtime.ended"]
    assert [(line["outcome"], line["chats"]) for line in ended] == [("open", 1), ("refused", 0)]
    assert all(line["seconds"] >= 0 and line["request_id"] for line in ended)


async def test_an_answer_that_could_not_be_begun_is_counted_once(site: Site) -> None:
    talk = await site.talk()
    use(site.runtime, store=Away())
    (refused,) = await talk.chat("What is light?")
    assert (refused["data"]["status"], refused["data"]["code"]) == (503, "unavailable")
    counted = await site.runtime.metrics.render()
    assert 'ai_requests_total{agent_type="mentor",model="none",outcome="error"} 1' in counted
