"""WebSockets in the development server: to the container, and nowhere else."""

import json
from pathlib import Path

import aiohttp
import pytest

from shared.identity.local import mint, read_or_create_secret
from tests.processes import development_server, fetch
from tests.realtime.site import CHAT, Talk, text_of


@pytest.mark.parametrize("prefix", ["", "/api/v1/ai"])
async def test_the_socket_is_served_beside_the_functions_over_the_same_stores(tmp_path: Path, prefix: str) -> None:
    with development_server(DATA_DIR=str(tmp_path)) as server:
        token = mint(read_or_create_secret(tmp_path), "u1", "learner", 600)
        signed = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession() as session:
            talk = Talk(await session.ws_connect(f"{server.url}{prefix}/ws/u1"))
            await talk.say("auth", token=token)
            await talk.hear("ready")
            frames = await talk.chat("Why is the sky blue?", "k")
            assert text_of(frames) == frames[-1]["data"]["text"]
            body = {"message": "Why is the sky blue?"}
            async with session.post(server.url + CHAT, json=body, headers={**signed, "Idempotency-Key": "k"}) as again:
                assert await again.json() == frames[-1]["data"]
            await talk.ws.close()
            for path in ("/api/v1/ai/mentor/chat", "/nothing"):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await session.ws_connect(server.url + path, headers=signed)
                assert refused.value.status == 404
        assert json.loads(fetch(server.url + prefix + "/ws/u1", headers=signed).body)["code"] == "upgrade_required"
