"""`python -m scripts.devserver`: starts the server, and tells how to use it once it answers. See scripts/dev."""

import argparse
import errno
import http.client
import os
import socket
import sys
import threading
import time
from datetime import UTC, datetime

import uvicorn
from uvicorn.supervisors import Multiprocess

from scripts.devserver import app, welcome
from shared.errors import ConfigurationError
from shared.llm import catalog
from shared.realtime.serve import options
from shared.settings import Settings

READY_SECONDS = 60.0
GRACE_SECONDS = 10
"""How long Ctrl-C waits for answers that are under way."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/dev", description="Every function on one port, for development.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="0 picks a free one (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=1, help="processes over the same stores (default: %(default)s)")
    given = parser.parse_args()
    if not 0 <= given.port <= 65535:
        parser.error("--port is 0 to 65535")
    if not 1 <= given.workers <= 64:
        parser.error("--workers is 1 to 64")
    return given


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Ends the process with one line when the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            sys.exit(f"port {port} is taken: stop what listens there, or choose another: scripts/dev --port {port + 1}")
        sys.exit(f"cannot listen on {host}:{port}: {error.strerror}")
    bound.set_inheritable(True)
    return bound


def answers(host: str, port: int) -> bool:
    """Whether the server gives any answer below 500 on /health within a second."""
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def announce(settings: Settings, host: str, port: int, started: float) -> None:
    """Wait until the server answers, then print how to use it. Runs beside the server, in a thread."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    while not answers(reachable, port):
        if time.monotonic() - started > READY_SECONDS:
            _say(2, f"the server does not answer on {reachable}:{port} yet\n")
            return
        threading.Event().wait(0.05)
    seconds = time.monotonic() - started
    _say(1, welcome.text(settings, reachable, port, seconds=seconds, now=time.time()) + "\n")


def _say(descriptor: int, text: str) -> None:
    """Print from a thread that may be cut off: one that holds `sys.stdout`'s lock when the process ends aborts the process."""
    data = text.encode()
    while data:
        data = data[os.write(descriptor, data) :]


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    started = time.monotonic()
    given = arguments()
    try:
        settings = Settings.load()
        catalog.load(settings, datetime.now(UTC).date())
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except ConfigurationError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"DATA_DIR: {error}")
    bound = listen(given.host, given.port)
    host, port = given.host, bound.getsockname()[1]
    config = uvicorn.Config(
        "scripts.devserver.app:create",
        factory=True,
        workers=given.workers,
        loop="uvloop",
        http="httptools",
        **options(),
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the functions judge X-Forwarded-For themselves (TRUSTED_PROXIES)
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    threading.Thread(target=announce, args=(settings, host, port, started), daemon=True).start()
    try:
        if given.workers > 1:
            app.create()  # what keeps a worker from starting is said once here, not by each worker for ever
            Multiprocess(config, sockets=[bound]).run()
        else:
            uvicorn.Server(config).run(sockets=[bound])
    except KeyboardInterrupt:
        pass  # the server has already shut down in order; this is only Ctrl-C passed on
    except ConfigurationError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
