"""Debian's Redis on a free port, durable to the last command, that can be killed, started again on its data, and wiped."""

import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from tests.processes import free_port, stop
from tests.tools import require_tool

START_SECONDS = 20.0
_AGE = """
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  local left = redis.call('PTTL', key)
  if left >= 0 then redis.call('PEXPIRE', key, left - ARGV[2]) end
end
return 1
"""


class RedisServer:
    """A Redis over `folder` on 127.0.0.1; every acknowledged write is on disk (appendfsync always)."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._program = require_tool("redis-server", hint="apt-get install redis-server")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve what is on disk; returns when it answers."""
        options = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(self._folder), "save": ""}
        options |= {"appendonly": "yes", "appendfsync": "always", "logfile": "redis.log"}
        # It ends with the tests also when they are killed, where the system can see to that.
        tied = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        command = [*tied, self._program, *(part for name, value in options.items() for part in (f"--{name}", value))]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                if self.ask("PING") == "+PONG":
                    return
            except OSError:
                pass
            threading.Event().wait(0.02)
        raise AssertionError("Redis does not answer:\n" + (self._folder / "redis.log").read_text(errors="replace"))

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        stop(self._process, signal.SIGKILL)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            stop(self._process)

    def wipe(self) -> None:
        """Lose everything."""
        assert self.ask("FLUSHALL") == "+OK"

    def age(self, namespace: str, seconds: float) -> None:
        """Let every expiry of a namespace come so many seconds sooner."""
        assert self.ask("EVAL", _AGE, "0", f"{namespace}:*", str(round(seconds * 1000))) == ":1"

    def ask(self, *words: str) -> str:
        """The first line of the answer to one command, around the REST server."""
        parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(f"*{len(words)}\r\n{''.join(parts)}".encode())
            with connection.makefile("rb") as answer:
                return answer.readline().decode().rstrip()
