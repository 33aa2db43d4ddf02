"""Images are built where they are missing, looked at from inside, and pushed only after that (T52)."""

import json
from pathlib import Path

import pytest

from scripts.deploying.commands import DeployError
from scripts.deploying.images import AUDIT, Image, build, recipe, wanted
from tests.deploying.conftest import Cloud
from tests.processes import ROOT

GPU = "europe-west4-docker.pkg.dev/lyo-test/lyo/gpu:0123456789abcdef"


def test_an_image_is_built_once(cloud: Cloud, tmp_path: Path) -> None:
    (image,) = wanted({"gpu": GPU})
    assert build(cloud.program, image, "lyo-test", tmp_path, ROOT) is True
    assert build(cloud.program, image, "lyo-test", tmp_path, ROOT) is False
    assert cloud.read()["images"] == [GPU]
    assert sum(line.startswith("builds submit") for line in cloud.read()["asked"]) == 1


def test_t52_an_image_is_looked_at_before_it_is_pushed(tmp_path: Path) -> None:
    found = json.loads(json.dumps(recipe(Image("gpu", "gpu_service/Dockerfile", GPU))))
    first, second = found["steps"]
    assert first["args"][0] == "build"
    assert "push" not in json.dumps(found["steps"])
    assert found["images"] == [GPU], "pushed when every step is done, and not at all when one fails"
    assert second["args"][-3:] == ["/audit.py", "--unasked", "/usr"]
    assert f"--volume=/workspace/{AUDIT}:/audit.py:ro" in second["args"]
    assert "--network=none" in second["args"]
    assert (ROOT / AUDIT).is_file()
    assert (ROOT / first["args"][2]).is_file()


def test_an_image_that_nothing_builds() -> None:
    with pytest.raises(DeployError, match="nothing here builds: cinema"):
        wanted({"cinema": "x"})
