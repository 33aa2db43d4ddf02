"""`python -m scripts.lib.backup`: a copy of everything that is stored, and back. See scripts/backup."""

import argparse
import hashlib
import http.client
import json
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from shared import backends, sqlite_file
from shared.documents import DOCUMENTS
from shared.errors import LyoError
from shared.settings import Settings
from shared.store.indexes import Table

FILE = "lyo.db"
EXPORT = "backup"
_METADATA = f"{EXPORT}/{EXPORT}.overall_export_metadata"
_SUMS = f"{EXPORT}.sha256"
_EMULATOR_SECONDS = 600.0


class BackupError(Exception):
    """What keeps it from being done, in one line."""


# --- the embedded store: one file


def export_file(database: Path, folder: Path) -> Path:
    """Copy the database as it is at one moment, while others go on writing it. Returns the copy, which has been checked."""
    if not database.is_file():
        raise BackupError(f"there is no {database}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy, growing = folder / FILE, folder / f"{FILE}.part"
    if copy.exists():
        raise BackupError(f"{copy} is there already")
    growing.unlink(missing_ok=True)
    growing.touch(mode=0o600)  # learners' data
    with closing(sqlite_file.connect(database, 10.0)) as source, closing(sqlite3.connect(growing)) as target:
        source.backup(target)  # in one step: a reader's view of one moment, which keeps no writer waiting
        target.execute("PRAGMA journal_mode=DELETE")  # so that the copy is one file and nothing beside it
    _check(growing)
    return growing.rename(copy)


def import_file(folder: Path, database: Path) -> None:
    """Put the copy in the database's place. Processes that have it open go on with what was copied."""
    copy = folder / FILE
    if not copy.is_file():
        raise BackupError(f"there is no {copy}")
    _check(copy)
    database.parent.mkdir(parents=True, exist_ok=True)
    sqlite_file.prepare(database, ())
    with closing(_reading(copy)) as source, closing(sqlite_file.connect(database, 10.0)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=WAL").fetchall()


def stored_in_file(database: Path) -> str | None:
    """A collection with something in it, if there is one."""
    if not database.exists():
        return None
    with closing(_reading(database)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in (Table(kind) for kind in DOCUMENTS):
            if table.name.strip('"') in tables and connection.execute(f"SELECT 1 FROM {table.name} LIMIT 1").fetchone():  # noqa: S608
                return table.kind.collection
    return None


def _reading(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)


def _check(file: Path) -> None:
    try:
        with closing(_reading(file)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupError(f"{file} is damaged: {found}")


# --- the emulator: its own export


def export_emulator(host: str, project: str, database: str, folder: Path) -> Path:
    """Have the emulator write its export under `folder`, on its own machine; returns the file that names it."""
    if (folder / _METADATA).exists():
        raise BackupError(f"{folder / _METADATA} is there already")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    body = {"database": _name(project, database), "export_directory": str(folder.resolve()), "export_name": EXPORT}
    _ask(host, "POST", f"/emulator/v1/projects/{project}:export", body)
    (folder / _SUMS).write_text(_sums(folder))
    return folder / _METADATA


def import_emulator(host: str, project: str, database: str, folder: Path) -> None:
    """Empty the emulator's database and fill it with the export; what was there is back when that fails."""
    metadata = (folder / _METADATA).resolve()
    if not metadata.is_file():
        raise BackupError(f"there is no {metadata}")
    # The emulator takes a file that ends too early, at the end of a block, for all there is.
    if (folder / _SUMS).is_file() and (folder / _SUMS).read_text() != _sums(folder):
        raise BackupError(f"{folder / EXPORT} is damaged: it is not what {_SUMS} says")
    with _put_back(host, project, database):
        _fill_emulator(host, project, database, metadata)


def _sums(folder: Path) -> str:
    """The export's files as `sha256sum` lists them."""
    files = sorted(path for path in (folder / EXPORT).rglob("*") if path.is_file())
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in files)


@contextmanager
def _put_back(host: str, project: str, database: str) -> Iterator[None]:
    """What the database holds now is put back when the block fails. Raises BackupError, which says so or where it is kept."""
    safety = Path(tempfile.mkdtemp(prefix="lyo-before-import-"))
    try:
        before = export_emulator(host, project, database, safety).resolve()
    except BaseException:
        shutil.rmtree(safety, ignore_errors=True)
        raise
    try:
        yield
    except BaseException as error:  # also Ctrl-C in its middle
        why = str(error) or type(error).__name__
        try:
            _fill_emulator(host, project, database, before)
        except BackupError as second:
            raise BackupError(f"{why}; what was there is in {safety}, it could not be put back: {second}") from error
        shutil.rmtree(safety, ignore_errors=True)
        raise BackupError(f"{why}; what was there before is back") from error
    shutil.rmtree(safety, ignore_errors=True)


def _fill_emulator(host: str, project: str, database: str, metadata: Path) -> None:
    _ask(host, "DELETE", f"/emulator/v1/{_name(project, database)}/documents")
    body = {"database": _name(project, database), "export_directory": str(metadata)}
    _ask(host, "POST", f"/emulator/v1/projects/{project}:import", body)


def stored_in_emulator(host: str, project: str, database: str) -> str | None:
    """A collection of the database, if there is one."""
    found = json.loads(_ask(host, "POST", f"/v1/{_name(project, database)}/documents:listCollectionIds", {}))
    return next(iter(found.get("collectionIds", ())), None)


def _name(project: str, database: str) -> str:
    return f"projects/{project}/databases/{database}"


def _ask(host: str, method: str, path: str, body: dict[str, str] | None = None) -> bytes:
    connection = http.client.HTTPConnection(host, timeout=_EMULATOR_SECONDS)
    try:
        headers = {"Authorization": "Bearer owner", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        said = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise BackupError(f"the emulator at {host} does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise BackupError(f"the emulator answered {answer.status}: {said[:200]!r}")
    return said


# --- the cloud: Google's own command


def gcloud(settings: Settings, what: str, place: str) -> list[str]:
    """The command that exports to, or imports from, a bucket."""
    if settings.gcp_project_id is None:
        raise BackupError("GCP_PROJECT_ID names the project")
    return [
        "gcloud", "firestore", what, place, f"--database={settings.firestore_database}",
        f"--project={settings.gcp_project_id}",
    ]  # fmt: skip


def _run(command: Sequence[str]) -> None:
    shown = shlex.join(command)
    if shutil.which(command[0]) is None:
        raise BackupError(f"gcloud is not installed; where it is, this does it: {shown}")
    print(shown)
    if (status := subprocess.run(command, check=False).returncode) != 0:
        raise BackupError(f"gcloud ended with status {status}")


# --- the command


def do(settings: Settings, what: str, place: str, *, force: bool) -> str:
    """Export or import; returns what to tell. Raises BackupError."""
    if place.startswith("gs://"):
        if what == "import" and not force:
            raise BackupError(
                "an import writes over documents of the same names and leaves the others: --force does it"
            )
        _run(gcloud(settings, what, place))
        return f"{what}ed: {place}"
    folder, file = Path(place), settings.data_dir / FILE
    host = settings.firestore_emulator_host
    project, database = settings.gcp_project_id or backends.LOCAL_PROJECT, settings.firestore_database
    if what == "export":
        made = export_file(file, folder) if host is None else export_emulator(host, project, database, folder)
        return f"exported: {made}"
    stored = stored_in_file(file) if host is None else stored_in_emulator(host, project, database)
    if stored is not None and not force:
        raise BackupError(f"there are documents already (in {stored}): --force replaces them all")
    if host is None:
        import_file(folder, file)
    else:
        import_emulator(host, project, database, folder)
    return f"imported: {folder}"


def main() -> None:
    """Do what the command line says; one line on standard error and exit 1 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="scripts/backup", description="A copy of everything stored, and back.")
    parser.add_argument("what", choices=("export", "import"))
    parser.add_argument("place", metavar="DIR", help="a folder, or gs://BUCKET/PATH for Firestore in the cloud")
    parser.add_argument("--called-from", type=Path, default=Path(), help=argparse.SUPPRESS)
    parser.add_argument("--force", action="store_true", help="import over what is there")
    given = parser.parse_args()
    try:
        place = given.place if given.place.startswith("gs://") else str(given.called_from / given.place)
        print(do(Settings.load(), given.what, place, force=given.force))
    except (BackupError, LyoError, OSError, sqlite3.Error) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
