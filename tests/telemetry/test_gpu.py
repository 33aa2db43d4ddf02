"""What the GPU service says about its device, and what it does not get to be asked."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from shared.errors import Unavailable
from shared.telemetry import gpu

PAGE = """# HELP ai_gpu_utilization_percent Use of the device.
# TYPE ai_gpu_utilization_percent gauge
ai_gpu_utilization_percent{gpu="0"} 35.5
ai_gpu_utilization_percent{gpu="1"} 91
ai_gpu_memory_used_bytes 12000000000
ai_gpu_memory_total_bytes 2.4e+10
vllm:num_requests_running{model_name="gemma"} 3.0
"""


def test_of_several_devices_the_busiest_counts() -> None:
    assert gpu.gauges(PAGE) == {"gpu_utilization": 0.91, "gpu_memory": 0.5}


@pytest.mark.parametrize(
    "text", ["", "ai_gpu_utilization_percent", "ai_gpu_utilization_percent junk", "\x00\n{}", "x" * 5000]
)
def test_nothing_is_made_of_rubbish(text: str) -> None:
    assert gpu.gauges(text) == {}


def test_shares_are_shares() -> None:
    assert gpu.gauges("ai_gpu_utilization_percent 140") == {"gpu_utilization": 1.0}
    assert gpu.gauges("ai_gpu_memory_used_bytes 5\nai_gpu_memory_total_bytes 0") == {}


class Service:
    """A GPU service's own page of metrics."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.text = PAGE
        self.status = 200
        self.url = ""

    async def page(self, request: web.Request) -> web.Response:
        self.asked.append(request.headers.get("Authorization"))
        return web.Response(text=self.text, status=self.status)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    found = Service()
    app = web.Application()
    app.router.add_get("/metrics", found.page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield found
    await runner.cleanup()


async def test_it_is_read_beside_the_api_with_our_identity_where_one_is_wanted(service: Service) -> None:
    async def header() -> str:
        return "Bearer identity"

    assert (await gpu.read(service.url, header))["gpu_utilization"] == 0.91
    assert (await gpu.read(service.url))["gpu_memory"] == 0.5
    assert service.asked == ["Bearer identity", None]


async def test_a_long_page_is_read_to_its_end(service: Service) -> None:
    service.text = "vllm:some_metric 1\n" * 20_000 + PAGE
    assert (await gpu.read(service.url))["gpu_utilization"] == 0.91


async def test_one_that_does_not_say_is_unknown_and_no_error(service: Service) -> None:
    async def no_identity() -> str:
        raise Unavailable("no metadata server")

    assert await gpu.read(service.url, no_identity) == {}
    service.status = 503
    assert await gpu.read(service.url) == {}
    assert await gpu.read("http://127.0.0.1:1/v1") == {}
