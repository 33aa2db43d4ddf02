"""What stands beside the gateway, as a runtime puts it together."""

import time

import jwt
from aiohttp import web

from scripts.fakes.models.record import fingerprint
from tests.product import Product, call

AUDIENCE = "https://gpu.example.run.app"


async def test_a_private_gpu_service_is_shown_our_identity_for_its_audience(product: Product) -> None:
    token, asked = jwt.encode({"exp": time.time() + 3600}, "k" * 32, algorithm="HS256"), []

    async def metadata(request: web.Request) -> web.Response:
        asked.append(request.query["audience"])
        return web.Response(text=token)

    app = web.Application()
    app.router.add_get("/computeMetadata/v1/instance/service-accounts/default/identity", metadata)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host = f"127.0.0.1:{runner.addresses[0][1]}"
    try:
        runtime = product.runtime(local_infer_audience=AUDIENCE, gce_metadata_host=host)
        for _ in range(2):
            assert (await runtime.gateway.complete(call(cacheable=False))).provider == "gemma"
    finally:
        await runner.cleanup()
    assert asked == [AUDIENCE]
    assert {made.headers["authorization"] for made in product.fake.calls} == {fingerprint(f"Bearer {token}")}
