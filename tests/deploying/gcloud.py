#!/usr/bin/env python3
"""A stand-in for `gcloud` over one JSON file: Cloud Run's services with their revisions, buckets, images, builds.

Google's own command needs Google. This one knows the commands that a deployment gives, refuses every other, and writes down
what it was told, so that tests see what a real one would have been asked to do.
"""

import json
import sys
from pathlib import Path


def main() -> int:
    state_file, *arguments = sys.argv[1:]
    path = Path(state_file)
    state = json.loads(path.read_text())
    words = [word for word in arguments if not word.startswith("--")]
    flags = dict(word.removeprefix("--").partition("=")[::2] for word in arguments if word.startswith("--"))
    state["asked"].append(" ".join(arguments))
    status = answer(state, words, flags)
    path.write_text(json.dumps(state))
    return status


def answer(state: dict, words: list[str], flags: dict[str, str]) -> int:  # type: ignore[type-arg]
    if words[:3] == ["run", "services", "list"]:
        shown = [
            {"metadata": {"name": name}, "status": {"traffic": [{"revisionName": revision, "percent": 100}]}}
            for name, revision in state["services"].items()
        ]
        print(json.dumps(shown))
        return 0
    if words[:3] == ["run", "services", "update-traffic"]:
        if words[3] in state["stuck"]:
            print("ERROR: (gcloud.run.services.update-traffic) the service is busy", file=sys.stderr)
            return 1
        if "to-latest" in flags:
            state["services"][words[3]] = state["latest"].get(words[3], state["services"][words[3]])
            return 0
        revision, _, percent = flags["to-revisions"].partition("=")
        assert percent == "100"
        state["services"][words[3]] = revision
        return 0
    if words[:2] == ["storage", "ls"]:
        return 0 if words[2] in state["objects"] else 1
    for words_of, known in ((["storage", "buckets"], "buckets"), (["artifacts", "docker", "images"], "images")):
        if words[: len(words_of)] == words_of:
            verb, name = words[len(words_of)], words[len(words_of) + 1]
            if verb == "create":
                state[known].append(name)
            return 0 if name in state[known] else 1
    if words[:2] == ["services", "enable"]:
        return 0
    if words[:2] == ["builds", "submit"]:
        state["images"] += json.loads(Path(flags["config"]).read_text())["images"]
        print("DONE")
        return 0
    print(f"ERROR: unknown command {words}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
