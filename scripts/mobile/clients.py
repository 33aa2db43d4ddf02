"""`python -m scripts.mobile.clients OUT_DIR`: typed clients from the OpenAPI document. See scripts/clients.

OpenAPI Generator does it, at the version that requirements-dev.txt pins with its hash: the Python package carries the
generator's own jar, so nothing is fetched while generating. The same checkout gives the same bytes.
"""

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.mobile.document import SERVER, rendered, version, whole
from scripts.mobile.languages import LANGUAGES, LEFT_OUT
from shared.errors import LyoError

HERE = Path(__file__).resolve().parent
MARK = ".openapi-generator/FILES"
GUIDE_MARK = "<!-- Written by scripts/clients: the next run replaces it. -->\n"
DOCUMENT_MARK = {"x-written-by": "scripts/clients"}
"""What the guide begins with, and the document holds, where this command has written them."""
_NOT_OURS = "{} is there and was not generated: move it away or choose another folder"
OLDEST_JAVA = 11
SHORT_RUN = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""What makes Java quick where it runs for seconds only: measured 4.0 s instead of 7.3 s for the four languages."""


class GenerationError(Exception):
    """The clients cannot be made; the text is what to show."""


def generate(out: Path, languages: Sequence[str], server: str = SERVER) -> None:
    """Write `openapi.json`, the guide and a folder for each language into `out`, replacing what was generated before.

    Raises GenerationError, with everything that stood there untouched, and LyoError.
    """
    for language in languages:
        _require_ours(out / language, language)
    _require_our_files(out / "README.md", out / "openapi.json")
    java, jar = _java(), _jar()
    out.mkdir(parents=True, exist_ok=True)
    # Made beside their place, so that a failure leaves the old ones and a rename puts the new ones there.
    with tempfile.TemporaryDirectory(prefix=".generating-", dir=out) as made:
        folder = Path(made)
        (folder / "openapi.json").write_text(rendered({**whole(server), **DOCUMENT_MARK}), encoding="utf-8")
        _run(java, jar, folder, languages)
        if "typescript" in languages:
            _complete_typescript(folder / "typescript")
        for language in languages:
            shutil.rmtree(out / language, ignore_errors=True)
            (folder / language).rename(out / language)
        (folder / "openapi.json").replace(out / "openapi.json")
        guide = (HERE / "README.md").read_text(encoding="utf-8")
        (out / "README.md").write_text(GUIDE_MARK + guide, encoding="utf-8")


def _require_ours(folder: Path, language: str) -> None:
    """Raise GenerationError where something stands that this command has not written, and so does not remove."""
    marks = (folder / MARK, folder / LANGUAGES[language].sources / MARK)
    if folder.exists() and not any(mark.exists() for mark in marks):
        raise GenerationError(_NOT_OURS.format(folder))


def _require_our_files(guide: Path, document: Path) -> None:
    """The same for the two files beside the folders: another project's, or this one's own, may have their names."""
    if _stands(guide) and not _text(guide).startswith(GUIDE_MARK):
        raise GenerationError(_NOT_OURS.format(guide))
    if _stands(document) and not _marked(_text(document)):
        raise GenerationError(_NOT_OURS.format(document))


def _stands(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _text(path: Path) -> str:
    """What a plain file says; nothing for anything else, which is not ours either."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() and not path.is_symlink() else ""


def _marked(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict) and DOCUMENT_MARK.items() <= found.items()


def _run(java: str, jar: Path, folder: Path, languages: Sequence[str]) -> None:
    configs = []
    for language in languages:
        path = folder / f"{language}.json"
        path.write_text(json.dumps(_config(language, folder)), encoding="utf-8")
        configs.append(path)
    command = [java, *SHORT_RUN, "-jar", jar, "batch", "--fail-fast", "--root-dir", folder, "--", *configs]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode != 0 or "Exception" in said:
        raise GenerationError(f"the generator failed:\n{said[-4000:]}")


def _config(language: str, folder: Path) -> dict[str, Any]:
    """The generator's configuration of one language."""
    found = LANGUAGES[language]
    place = folder / language
    return {
        "generatorName": found.generator,
        "inputSpec": str(folder / "openapi.json"),
        "outputDir": str(place / found.sources if language == "typescript" else place),
        "additionalProperties": {**found.options, **({found.version: version()} if found.version else {})},
        "globalProperties": {"apiTests": False, "modelTests": False, "apiDocs": False, "modelDocs": False},
        "openapiGeneratorIgnoreList": list(LEFT_OUT),
        **found.settings,
    }


def _complete_typescript(folder: Path) -> None:
    """Put the package's own files, and the turn protocol's, beside the generated sources."""
    for source in sorted((HERE / "typescript").iterdir()):
        into = folder / "src" if source.suffix == ".ts" else folder
        shutil.copyfile(source, into / source.name)
    package = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    package["version"] = version()
    (folder / "package.json").write_text(json.dumps(package, indent=2) + "\n", encoding="utf-8")


def _java() -> str:
    found = shutil.which("java")
    if found is None:
        raise GenerationError(
            f"Java {OLDEST_JAVA} or newer is needed (Debian, Ubuntu: apt install default-jre-headless)"
        )
    return found


def _jar() -> Path:
    spec = importlib.util.find_spec("openapi_generator_cli")
    if spec is None or spec.origin is None:
        raise GenerationError("openapi-generator-cli is missing: scripts/clients installs it")
    return Path(spec.origin).parent / "openapi-generator.jar"


def chosen(text: str) -> list[str]:
    """The languages of a comma-separated list, each once. Raises ArgumentTypeError naming what there is."""
    names = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [name for name in names if name not in LANGUAGES]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown) or 'nothing'}: choose from {', '.join(LANGUAGES)}")
    return names


def main() -> None:
    """Generate, and say where; one line on standard error and exit 1 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="scripts/clients", description="Typed clients from the OpenAPI document.")
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument("--lang", type=chosen, default=list(LANGUAGES), help=f"of {','.join(LANGUAGES)} (default: all)")
    parser.add_argument("--server", default=SERVER, help=f"the address the clients call by default (default: {SERVER})")
    parser.add_argument("--called-from", type=Path, default=Path(), help=argparse.SUPPRESS)
    given = parser.parse_args()
    try:
        generate(given.called_from / given.out, given.lang, given.server)
    except (GenerationError, LyoError, OSError) as error:
        sys.exit(str(error))
    for language in given.lang:
        print(given.out / language)


if __name__ == "__main__":
    main()
