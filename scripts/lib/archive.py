"""`python -m scripts.lib.archive OUT_DIR`: packs the source that every function is deployed from. See scripts/archive.

The archive is deterministic: the same files give the same bytes, and their hash is in its name, so that a deploy of
unchanged source changes nothing.
"""

import argparse
import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("main.py", "functions", "shared", "requirements.txt")
"""All that a build needs: with requirements.txt alone the build installs exactly what is locked (T52)."""

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say


class ArchiveError(Exception):
    """The source cannot be packed; the text is the one line to show."""


def sources(root: Path) -> list[str]:
    """The tracked files of SOURCES, sorted, as paths from `root`.

    Raises ArchiveError when a file there is neither tracked nor ignored: it would be missing from the archive (or was
    never meant to leave this machine), so a person must decide.
    """
    stray = _git(root, "ls-files", "-z", "--others", "--exclude-standard", "--", *SOURCES)
    if stray:
        raise ArchiveError(f"not tracked by git: {', '.join(stray[:5])}: add or remove it first")
    tracked = _git(root, "ls-files", "-z", "--cached", "--", *SOURCES)
    missing = [name for name in SOURCES if not any(path == name or path.startswith(name + "/") for path in tracked)]
    if missing:
        raise ArchiveError(f"git tracks no {', '.join(missing)}")
    return sorted(tracked)


def write(root: Path, out: Path) -> Path:
    """Pack the working tree's copy of `sources(root)` into `out`/lyo-<sha256, 16 digits>.zip and return that path."""
    entries = [(name, (root / name).read_bytes()) for name in sources(root)]
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"lyo-{digest(entries)}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in entries:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, whatever packs it: the permissions below are Unix's
            entry.external_attr = 0o100644 << 16
            packed.writestr(entry, content)
    return path


def digest(entries: Iterable[tuple[str, bytes]]) -> str:
    """16 digits that stand for these files. terraform/archive.tf computes the same of the files it packs."""
    lines = [f"{name} {hashlib.sha256(content).hexdigest()}\n" for name, content in entries]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def _git(root: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ArchiveError(f"git: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}")
    return [name for name in done.stdout.split("\0") if name]


def main() -> None:
    """Write the archive and print its path."""
    parser = argparse.ArgumentParser(prog="scripts/archive", description="Packs the functions' source.")
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    try:
        print(write(ROOT, parser.parse_args().out))
    except (ArchiveError, OSError) as error:
        sys.exit(f"scripts/archive: {error}")


if __name__ == "__main__":
    main()
