"""`scripts/audit`: what a build installs is what is locked, nothing in it runs unasked, and no known hole is among it.

    python -I scripts/lib/audit.py [--offline]
    python -I scripts/lib/audit.py --installed DIR ... | --unasked DIR ...

Standard library only, so that an image's build can run it inside the image. `--installed` looks at a tree and nothing else;
`--unasked` only for what runs at every start there, because a base image's own packages have no complete records.
Prints one line a finding and exits 1 when there is any.
"""

import argparse
import base64
import csv
import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = (
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-render.txt",
    "requirements-gbstats.txt",
    "requirements-uv.txt",
    "gpu_service/requirements.txt",
)
PIN = re.compile(r"^[a-z0-9][a-z0-9._-]*==[^\s@]+( ; [^\\]+)?( \\)?$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")

RUNS_AT_START = ("sitecustomize.py", "usercustomize.py")
"""Modules that Python imports at every start, besides the lines of .pth files that begin with `import`."""
KNOWN_PTH = {
    ("distutils-precedence.pth", "2638ce9e2500e572a5e0de7faed6661eb569d1b696fcba07b0dd223da5f5d224"),
    ("functions_framework-3.10.2-py3.12-nspkg.pth", "0bded1b6ecfa60ab0904e857e7061834fb4662d935dfa0d565f916dcf1482f22"),
}
"""Executable .pth files that a person has read, with their hash: setuptools' shim, the framework's namespace of `google`.
A package that brings one of its own (a compromised release would) is refused although its wheel's hash is locked."""


def pins(root: Path) -> Iterator[str]:
    """Lines of the lock files that are neither a pin nor a hash, and pins without one."""
    for name in LOCKS:
        if not (root / name).is_file():
            yield f"{name}: is missing"
            continue
        lines = [line for line in (root / name).read_text(encoding="utf-8").splitlines() if line.strip()]
        for number, line in enumerate(lines):
            following = lines[number + 1] if number + 1 < len(lines) else ""
            if HASH.match(line) or line.startswith("#"):
                continue
            if not PIN.match(line):
                yield f"{name}: neither a pin nor a hash: {line[:60]!r}"
            elif not HASH.match(following):
                yield f"{name}: no hash: {line[:60]!r}"


def installed(tree: Path) -> Iterator[str]:
    """What in an installed tree runs at every start without being known, and what no package's RECORD accounts for."""
    yield from unasked(tree)
    for site in sorted({record.parent.parent for record in tree.rglob("*.dist-info/RECORD")}):
        yield from _unrecorded(site)


def unasked(tree: Path) -> Iterator[str]:
    """What in an installed tree Python runs at every start and nobody has read."""
    for path in sorted(tree.rglob("*")):
        if path.name in RUNS_AT_START and path.parent.name in {"site-packages", "dist-packages"}:
            yield f"{path.relative_to(tree)}: is imported at every start"
        if path.suffix == ".pth" and path.is_file() and _executable(path) and (path.name, _sha(path)) not in KNOWN_PTH:
            yield f"{path.relative_to(tree)}: runs at every start, and nobody has read it ({_sha(path)[:12]})"


def _unrecorded(site: Path) -> Iterator[str]:
    """Code of a site-packages folder that no RECORD lists, or that is not what its RECORD says."""
    known: dict[Path, str] = {}
    for record in site.glob("*.dist-info/RECORD"):
        with record.open(encoding="utf-8", newline="") as lines:
            for row in csv.reader(lines):
                known[(site / row[0]).resolve()] = row[1] if len(row) > 1 else ""
    for path in sorted(site.rglob("*")):
        if path.suffix not in {".py", ".so", ".pth"} or not path.is_file():
            continue
        said = known.get(path.resolve())
        if said is None:
            yield f"{path.relative_to(site)}: belongs to no package"
        elif said.startswith("sha256=") and said.removeprefix("sha256=") != _record_hash(path):
            yield f"{path.relative_to(site)}: is not what its package brought"


def _executable(path: Path) -> bool:
    """Whether site.py would run a line of it."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return any(line.startswith(("import ", "import\t")) for line in text.splitlines())


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _record_hash(path: Path) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()


def build(root: Path, folder: Path) -> Iterator[str]:
    """Install the deployed lock as the build does, from hashes alone, and look at what came."""
    uv = root / ".venv/bin/uv"
    venv = folder / "venv"
    python = str(venv / "bin/python")
    lock = ["--require-hashes", "--no-deps", "-r", str(root / "requirements.txt")]
    for command in (
        [str(uv), "venv", "--quiet", "--python", sys.executable, str(venv)],
        [str(uv), "pip", "install", "--quiet", "--python", python, *lock],
    ):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            yield f"requirements.txt cannot be installed from its hashes: {done.stderr.strip()[-300:]}"
            return
    yield from installed(venv)


def vulnerabilities(root: Path) -> Iterator[str]:
    """Known holes of what is deployed, by pip-audit; a package that it cannot look up counts as a finding."""
    command = [str(root / ".venv/bin/pip-audit"), "--strict", "--require-hashes", "--disable-pip"]
    command += ["--progress-spinner", "off"]
    command += [
        part for name in ("requirements.txt", "gpu_service/requirements.txt") for part in ("-r", str(root / name))
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        yield from (f"pip-audit: {line}" for line in (done.stdout + done.stderr).strip().splitlines()[-40:])


def main() -> None:
    """Look, print, and exit 1 when there is anything to say."""
    parser = argparse.ArgumentParser(prog="scripts/audit", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--installed", type=Path, nargs="+", metavar="DIR", help="look at installed trees only")
    parser.add_argument("--unasked", type=Path, nargs="+", metavar="DIR", help="only what runs at every start there")
    parser.add_argument("--offline", action="store_true", help="leave out the look-up of known vulnerabilities")
    arguments = parser.parse_args()
    findings: list[str] = []
    trees = [(tree, installed) for tree in arguments.installed or ()]
    trees += [(tree, unasked) for tree in arguments.unasked or ()]
    for tree, look in trees:
        if not tree.is_dir():
            sys.exit(f"scripts/audit: {tree} is no folder")
        findings += look(tree)
    if not trees:
        findings += pins(ROOT)
        with tempfile.TemporaryDirectory() as folder:
            findings += build(ROOT, Path(folder))
        findings += [] if arguments.offline else vulnerabilities(ROOT)
    for finding in findings:
        print(finding)
    if findings:
        sys.exit(1)
    print("nothing found")


if __name__ == "__main__":
    main()
