"""A process that answers one keyed message and is killed right after the answer's commit.

python -m tests.web.dying DATA_DIR MODEL_URL
"""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from shared.documents import Exchange
from shared.llm.catalog import Catalog, Model
from shared.runtime import Runtime
from shared.settings import Settings
from shared.store import Put, Version, Write
from shared.store.sqlite import SQLiteStore
from tests.product import FREE
from tests.web.keyed import Instance, use


class Last(SQLiteStore):
    """The real store; the process does not outlive the commit that seals an answer."""

    async def commit(self, *writes: Write) -> list[Version]:
        """Commit, then die."""
        left = await super().commit(*writes)
        documents = [write.document for write in writes if isinstance(write, Put)]
        if any(isinstance(found, Exchange) and found.state == "done" for found in documents):
            os.kill(os.getpid(), signal.SIGKILL)
        return left


async def main(data_dir: Path, url: str) -> None:
    """Ask once."""
    settings = Settings(auth_mode="local", environment="test", data_dir=data_dir, local_infer_url=url)
    model = Model("gemma_4_on_device", "gemma", "local", "fake-ok", FREE)
    runtime = Runtime(settings, catalog=Catalog({model.name: model}))
    with contextlib.suppress(asyncio.CancelledError):
        await Instance(use(runtime, store=Last(runtime.database)), "dying").said("What is light?")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
