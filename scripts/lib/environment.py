"""Makes the virtual environment from the hash-locked requirements, with nothing but Python 3.11 or newer.

    python -I scripts/lib/environment.py run    # what a deployed function has
    python -I scripts/lib/environment.py dev    # the same and the tests' tools

Standard library only: this runs before anything is installed. A stamp with the lock's hash makes the next call instant;
a file lock makes parallel calls wait for each other. Prints on standard error and exits 1 with one line when it cannot.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"run": "requirements.txt", "dev": "requirements-dev.txt"}
UV_LOCK = "requirements-uv.txt"
OLDEST = (3, 11)


class InstallError(Exception):
    """The environment cannot be made; the text is the one line to show."""


def say(text: str) -> None:
    """Show progress on standard error: standard output belongs to the command that called."""
    print(text, file=sys.stderr, flush=True)


def fingerprint(root: Path, tier: str) -> str:
    """Digest what decides the content of an environment: the bytes of its lock."""
    return hashlib.sha256((root / LOCKS[tier]).read_bytes()).hexdigest()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path` (freed by the system when the process dies)."""
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run(*command: str | Path, cwd: Path) -> bool:
    """Whether the command succeeded; what it prints goes to standard error."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, stdout=sys.stderr, check=False)
    return done.returncode == 0


def create(venv: Path, root: Path) -> Path:
    """Return the environment's interpreter; an environment that is missing or lost its Python is made anew."""
    python = venv / "bin" / "python"
    if python.exists():
        return python
    say(f"making {venv.name} with Python {sys.version.split()[0]}")
    if venv.exists():
        shutil.rmtree(venv)
    if not run(sys.executable, "-m", "venv", venv, cwd=root):
        raise InstallError(f"{sys.executable} cannot make {venv} (Debian, Ubuntu: apt install python3-venv)")
    return python


def installer(python: Path, root: Path) -> list[str | Path]:
    """Return the install command: the hash-locked uv inside the environment, else pip."""
    uv = python.parent / "uv"
    if not uv.exists():
        run(
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            UV_LOCK,
            cwd=root,
        )
    if uv.exists():
        return [uv, "pip", "install", "--quiet", "--disable-pip-version-check", "--python", python]
    say("uv cannot be installed here: pip does it, slower")
    return [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def ensure(tier: str, root: Path = ROOT) -> bool:
    """Bring `.venv` under `root` to what `tier` needs. Returns False when it was there already.

    Only what the lock names with its hash is installed (T52). "dev" holds everything of "run", so its stamp serves both.
    """
    venv = root / ".venv"
    stamps = {name: venv / f".installed-{name}" for name in LOCKS}

    def there() -> bool:
        served = (tier,) if tier == "dev" else ("run", "dev")
        return (
            any(stamps[name].exists() and stamps[name].read_text() == fingerprint(root, name) for name in served)
            and (venv / "bin" / "python").exists()
        )

    if there():
        return False
    with alone(root / ".venv.lock"):
        if there():  # another call made it while this one waited
            return False
        python = create(venv, root)
        say(f"installing {LOCKS[tier]} (once; about a minute)")
        if not run(*installer(python, root), "--require-hashes", "-r", LOCKS[tier], cwd=root):
            raise InstallError(f"{LOCKS[tier]} could not be installed: see the lines above")
        stamps[tier].write_text(fingerprint(root, tier))
    return True


def main(arguments: list[str]) -> int:
    """Run the command line; returns the exit status."""
    if sys.version_info < OLDEST:
        say(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed; {sys.executable} is {sys.version.split()[0]}")
        return 1
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        say(f"usage: environment.py {'|'.join(LOCKS)}")
        return 2
    try:
        ensure(arguments[0])
    except InstallError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
