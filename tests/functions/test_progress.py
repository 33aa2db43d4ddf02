"""What people ask about background work: the same from `jobs` and from the public function in front of it."""

import pytest

from functions import jobs, ops
from scripts.benchmarks.inprocess import Heard, ask
from shared.deployables import load
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime, override
from shared.web.edge import Edge
from tests.product import Product

EDGES = [jobs.edge, ops.edge]


async def said(runtime: Runtime, edge: Edge, path: str, sub: str, role: str = "learner", body: object = None) -> Heard:
    token = mint(read_or_create_secret(runtime.settings.data_dir), sub, role, 600)  # type: ignore[arg-type]
    with override(runtime):
        return await ask(edge.app, path, token, body)


@pytest.mark.parametrize("edge", EDGES, ids=["jobs", "ops"])
async def test_a_learner_follows_their_own_job_only(product: Product, edge: Edge) -> None:
    runtime = product.runtime()
    name = await runtime.local_queue.enqueue("nobody-does-this", {"text": "private"}, owner="u1", delay=3600)
    own = await said(runtime, edge, f"/jobs/{name}", "u1")
    assert (own.status, own.json["state"], own.json["payload"]) == (200, "pending", None)
    assert (await said(runtime, edge, f"/jobs/{name}", "u2")).status == 404
    assert (await said(runtime, edge, f"/jobs/{name}", "a", "admin")).json["payload"] == {"text": "private"}
    assert (await said(runtime, edge, "/jobs/dead", "u1")).status == 403
    assert (await said(runtime, edge, "/jobs/dead", "a", "admin")).json == {"jobs": []}
    again = await said(runtime, edge, f"/jobs/dead/{name}/retry", "a", "admin", {})
    assert (again.status, again.json["code"]) == (409, "conflict")


async def test_t47_work_is_delivered_to_the_private_function_only(product: Product) -> None:
    runtime = product.runtime()
    assert (await said(runtime, ops.edge, "/jobs/summary", "a", "admin", {"job_id": "x"})).status in (
        404,
        405,
    )
    assert (await said(runtime, jobs.edge, "/jobs/summary", "a", "admin", {"job_id": "x"})).status == 403


def test_only_one_of_them_documents_the_routes() -> None:
    paths = [sum("/jobs/" in operation.path for operation in edge.operations if operation.documented) for edge in EDGES]
    assert paths == [4, 0]


def test_a_private_function_with_routes_for_people_has_a_public_front() -> None:
    (entry,) = [entry for entry in load() if entry.name == "jobs"]
    assert (entry.public, entry.front) == (False, "ops")
