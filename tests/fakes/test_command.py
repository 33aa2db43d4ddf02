"""The fake as a process of its own."""

import asyncio
import json
import re
import signal
import sys
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]


async def test_the_command_serves_until_it_is_told_to_stop() -> None:
    process = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts" / "fake-models"),
        *("--port", "0", "--model", "mine"),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"},
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found is not None, line
        answer = await asyncio.to_thread(lambda: urlopen(found[0] + "/v1/models", timeout=5).read())
        assert json.loads(answer)["data"][0]["id"] == "mine"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 5) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
