"""Images are built where they are missing, looked at from inside, and pushed only after that (T52)."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.deploying.commands import DeployError
from scripts.deploying.images import AUDIT, Builder, Image, build, recipe, wanted
from tests.deploying.conftest import Cloud
from tests.processes import ROOT

BUILDER = Builder("lyo-test", "europe-west4", "lyo-build@lyo-test.iam.gserviceaccount.com", "lyo-test-lyo-source")
GPU = "europe-west4-docker.pkg.dev/lyo-test/lyo/gpu:0123456789abcdef"


def test_an_image_is_built_once(cloud: Cloud, tmp_path: Path) -> None:
    (image,) = wanted({"gpu": GPU})
    assert build(cloud.program, image, BUILDER, tmp_path, ROOT) is True
    assert build(cloud.program, image, BUILDER, tmp_path, ROOT) is False
    assert cloud.read()["images"] == [GPU]
    (submitted,) = [line for line in cloud.read()["asked"] if line.startswith("builds submit")]
    assert "--region=europe-west4" in submitted
    assert "--gcs-source-staging-dir=gs://lyo-test-lyo-source/builds" in submitted
    assert sum(line.startswith("builds submit") for line in cloud.read()["asked"]) == 1


def test_t52_an_image_is_looked_at_before_it_is_pushed(tmp_path: Path) -> None:
    found = json.loads(json.dumps(recipe(Image("gpu", "gpu_service/Dockerfile", GPU), BUILDER)))
    first, second = found["steps"]
    assert first["args"][0] == "build"
    assert "push" not in json.dumps(found["steps"])
    assert found["images"] == [GPU], "pushed when every step is done, and not at all when one fails"
    assert second["args"][-3:] == ["/audit.py", "--unasked", "/usr"]
    assert f"--volume=/workspace/{AUDIT}:/audit.py:ro" in second["args"]
    assert "--network=none" in second["args"]
    assert (ROOT / AUDIT).is_file()
    assert (ROOT / first["args"][2]).is_file()


def test_the_gpu_image_is_built_on_what_its_driver_wants() -> None:
    (image,) = wanted({"gpu": GPU}, "vllm/vllm-openai:v1")
    steps: Any = recipe(image, BUILDER)["steps"]
    assert "--build-arg=VLLM_IMAGE=vllm/vllm-openai:v1" in steps[0]["args"]


def test_an_image_that_nothing_builds() -> None:
    with pytest.raises(DeployError, match="nothing here builds: cinema"):
        wanted({"cinema": "x"})
