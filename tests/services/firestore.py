"""Google's Firestore emulator for tests: found beside gcloud, started on a free port of 127.0.0.1, always ended.

    host = emulator().host              # one for this process, started on first use
    async with FirestoreStore(project(), ...)

Databases of different projects do not see each other, so every test takes a `project()` of its own and nothing is wiped.
The emulator keeps documents in memory, never deletes by TTL and answers queries that lack an index.
"""

import atexit
import contextlib
import functools
import http.client
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from tests.processes import fetch, free_port
from tests.tools import require_tool, unavailable

JAR = Path("platform/cloud-firestore-emulator/cloud-firestore-emulator.jar")
HINT = "gcloud components install cloud-firestore-emulator (or apt-get install google-cloud-cli-firestore-emulator)"
START_SECONDS = 60.0
MEMORY_MIB = 512
"""Of an emulator's heap, where the documents are kept: enough for every test, not for measuring with a million."""
_numbers = itertools.count()


def project() -> str:
    """A project id that no other test has."""
    return f"test-{os.getpid()}-{next(_numbers)}"


def jar() -> Path:
    """The emulator's program; the test ends here (see `unavailable`) when there is none."""
    found = next((folder / JAR for folder in _sdk_folders() if (folder / JAR).is_file()), None)
    if found is not None:
        return found
    return unavailable(f"the Firestore emulator is not installed: {HINT}; CLOUDSDK_ROOT_DIR names the SDK's folder")


def _sdk_folders() -> Iterator[Path]:
    named = os.environ.get("CLOUDSDK_ROOT_DIR")  # noqa: TID251 - about the machine, not about the product
    if named:
        yield Path(named)
    gcloud = shutil.which("gcloud")
    if gcloud is not None:
        yield Path(gcloud).resolve().parents[1]
    yield from (
        Path("/usr/lib/google-cloud-sdk"),
        Path("/usr/share/google-cloud-sdk"),
        Path.home() / "google-cloud-sdk",
    )


class Emulator:
    """One emulator process; `host` (host:port) stays the same over `kill` and `start`."""

    def __init__(self, memory_mib: int = MEMORY_MIB) -> None:
        self._memory_mib = memory_mib
        self._java = require_tool(
            "java", hint="the Firestore emulator needs Java 11 or newer, e.g. openjdk-17-jre-headless"
        )
        self._jar = jar()
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self._log = tempfile.NamedTemporaryFile(prefix="firestore-", suffix=".log")  # noqa: SIM115 - lives as long as we
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, import_data: Path | None = None) -> None:
        """Start it and wait until it answers; `import_data` is the `.overall_export_metadata` file of an export."""
        main = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
        command = [
            *_with_us(), self._java, f"-Xmx{self._memory_mib}m", "-Duser.language=en", "-cp", str(self._jar), main, "start",
            "--host=127.0.0.1", f"--port={self.port}", f"--websocket_port={free_port()}",
        ]  # fmt: skip
        if import_data is not None:
            command.append(f"--import-data={import_data}")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True)
        until = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if fetch(f"http://{self.host}/", timeout=5).body.strip() == b"Ok":
                    self._warm()
                    return
            threading.Event().wait(0.05)
        output = Path(self._log.name).read_text(errors="replace")
        self.kill()
        raise AssertionError(f"the Firestore emulator does not answer:\n{output}")

    def _warm(self) -> None:
        """Have it do everything once: Java's first commit and query take seconds on a busy machine, and calls have a limit."""
        documents = "/v1/projects/warm/databases/(default)/documents"
        name = f"{documents.removeprefix('/v1/')}/warm/w"
        written = {"update": {"name": name, "fields": {"n": {"integerValue": "1"}}}}
        query = {"from": [{"collectionId": "warm"}], "orderBy": [{"field": {"fieldPath": "n"}}], "limit": 1}
        total = {"structuredQuery": query, "aggregations": [{"alias": "n", "sum": {"field": {"fieldPath": "n"}}}]}
        self._ask("POST", f"{documents}:commit", json.dumps({"writes": [written]}).encode())
        self._ask("POST", f"{documents}:batchGet", json.dumps({"documents": [name]}).encode())
        self._ask("POST", f"{documents}:runQuery", json.dumps({"structuredQuery": query}).encode())
        self._ask(
            "POST", f"{documents}:runAggregationQuery", json.dumps({"structuredAggregationQuery": total}).encode()
        )

    def kill(self) -> None:
        """End it at once, as `kill -9` does: what it held is lost."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it."""
        self._end(signal.SIGTERM)

    def close(self) -> None:
        """End it for good."""
        self.kill()
        self._log.close()

    def wipe(self, project: str) -> None:
        """Delete all documents of a project."""
        self._ask("DELETE", f"/emulator/v1/projects/{project}/databases/(default)/documents")

    def export(self, project: str, folder: Path) -> Path:
        """Write a project's database under `folder`; returns the file that `start(import_data=…)` takes."""
        body = {
            "database": f"projects/{project}/databases/(default)",
            "export_directory": str(folder),
            "export_name": "backup",
        }
        self._ask("POST", f"/emulator/v1/projects/{project}:export", json.dumps(body).encode())
        return folder / "backup" / "backup.overall_export_metadata"

    def _ask(self, method: str, path: str, body: bytes | None = None) -> None:
        answer = fetch(f"http://{self.host}{path}", method=method, body=body, timeout=60)
        assert answer.status == 200, answer.body

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _with_us() -> list[str]:
    """Where a test process is killed, its emulator goes with it (Linux; elsewhere `atexit` has to do)."""
    setpriv = shutil.which("setpriv")
    return [] if setpriv is None else [setpriv, "--pdeathsig", "KILL"]


@functools.cache
def emulator() -> Emulator:
    """The emulator of this test process, started on first use and ended with the process. Do not kill it: others use it."""
    found = Emulator()
    found.start()
    atexit.register(found.close)
    return found


@contextlib.contextmanager
def own_emulator(memory_mib: int = MEMORY_MIB) -> Iterator[Emulator]:
    """An emulator that a test may kill."""
    found = Emulator(memory_mib)
    try:
        found.start()
        yield found
    finally:
        found.close()
