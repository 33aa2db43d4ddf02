"""Functions asked inside this process: their edges over a product's runtime, with real tokens and real stores."""

from typing import Any

from scripts.benchmarks.inprocess import Heard, ask
from shared.identity.local import mint, read_or_create_secret
from shared.runtime import Runtime, override
from shared.web.edge import Edge


class Inside:
    """One instance. `as_` is who asks: a learner's id, or `admin`."""

    def __init__(self, runtime: Runtime, *edges: Edge) -> None:
        self.runtime = runtime
        self._edges = {edge.name: edge for edge in edges}

    async def ask(
        self, path: str, body: Any = None, as_: str = "u1", method: str | None = None, **headers: str
    ) -> Heard:
        """One request to the function that the path's first part names."""
        edge = self._edges[path.split("?", maxsplit=1)[0].split("/")[1]]
        role = "admin" if as_ == "admin" else "learner"
        token = mint(read_or_create_secret(self.runtime.settings.data_dir), as_, role, 600)  # type: ignore[arg-type]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with override(self.runtime):
            return await ask(edge.app, path, token, body, named, method=method)

    async def good(self, path: str, body: Any = None, as_: str = "u1", **headers: str) -> dict[str, Any]:
        """The same where 200 is expected; its JSON."""
        heard = await self.ask(path, body, as_, **headers)
        assert heard.status == 200, heard.body
        return heard.json
