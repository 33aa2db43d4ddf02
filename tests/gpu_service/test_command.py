"""From the environment to the engine's command line: typed, refused with one line, nothing that leaks."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gpu_service.serve import prepare
from gpu_service.settings import BadSetting, load
from tests.processes import environment

ROOT = Path(__file__).resolve().parents[2]
L4 = {"GPU_HARDWARE": "nvidia-l4", "GPU_MODEL": "gemma-4-e4b-w4a16"}


def run(command: list[str], **more: str) -> "subprocess.CompletedProcess[str]":
    """The command with an L4's settings and these."""
    said = environment(**{**L4, **more})
    return subprocess.run(command, env=said, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def flags(command: list[str]) -> dict[str, str]:
    """Value by flag; empty for one without."""
    pairs = zip(command, [*command[1:], "--"], strict=True)
    return {flag: "" if value.startswith("--") else value for flag, value in pairs if flag.startswith("--")}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("GPU_HARDWARE", "", "GPU_HARDWARE: expected one of nvidia-l4, nvidia-rtx-pro-6000"),
        ("GPU_HARDWARE", "tpu", "GPU_HARDWARE: expected one of"),
        ("GPU_MODEL", "", "GPU_MODEL: expected one of gemma-4-e2b"),
        ("GPU_MODEL", "/no/such/folder", "GPU_MODEL: expected one of"),
        ("MAX_MODEL_LEN", "8k", "MAX_MODEL_LEN: expected a whole number from 256 to 262144; not '8k'"),
        ("MAX_NUM_SEQS", "0", "MAX_NUM_SEQS: expected a whole number from 1 to 1024"),
        ("GPU_MEMORY_UTILIZATION", "nan", "GPU_MEMORY_UTILIZATION: expected a number from 0.1 to 0.98"),
        ("KV_CACHE_DTYPE", "int4", "KV_CACHE_DTYPE: expected one of auto, fp8"),
        ("LORA_RANK", "12", "LORA_RANK: expected one of 1, 8, 16"),
        ("PORT", "70000", "PORT: expected a whole number from 1 to 65535"),
        ("DRAIN_SECONDS", "-1", "DRAIN_SECONDS: expected a number"),
        ("MAX_QUEUE", "many", "MAX_QUEUE: expected a whole number from 0"),
    ],
)
def test_a_bad_value_names_its_variable(name: str, value: str, says: str) -> None:
    with pytest.raises(BadSetting) as refused:
        load({**L4, name: value})
    assert str(refused.value).startswith(says)
    assert "\n" not in str(refused.value)


def test_weights_from_a_bucket_are_streamed_and_nothing_is_asked_of_the_hub() -> None:
    _, command, inherited = prepare({**L4, "MODEL_SOURCE": "gs://weights/gemma-4-e4b-w4a16"})
    said = flags(command)
    assert command[0] == "gs://weights/gemma-4-e4b-w4a16"
    assert said["--load-format"] == "runai_streamer"
    # Half of the smallest instance's memory at most, or loading kills it.
    assert json.loads(said["--model-loader-extra-config"])["memory_limit"] <= 8 * 1024**3
    assert inherited["HF_HUB_OFFLINE"] == "1"


def test_baked_weights_are_read_as_files() -> None:
    _, command, inherited = prepare({**L4, "MODEL_SOURCE": "/models"})
    assert command[0] == "/models"
    assert "--load-format" not in command
    assert inherited["HF_HUB_OFFLINE"] == "1"


def test_the_command_for_an_l4() -> None:
    made, command, inherited = prepare(L4)
    said = flags(command)
    assert said["--served-model-name"] == inherited["SERVED_MODEL_NAME"] == "gemma-4-e4b"
    assert said["--max-num-seqs"] == inherited["MAX_NUM_SEQS"] == str(made.sequences)
    assert said["--max-model-len"] == "8192"
    assert said["--gpu-memory-utilization"] == "0.9"
    assert said["--tool-call-parser"] == said["--reasoning-parser"] == "gemma4"
    assert json.loads(said["--structured-outputs-config"])["disable_any_whitespace"] is True
    assert {
        "--language-model-only",
        "--async-scheduling",
        "--enable-lora",
        "--enable-prompt-tokens-details",
    } <= said.keys()
    # Nobody's words in the logs, nobody told that we run it.
    assert not {flag for flag in said if "log-requests" in flag or "log-outputs" in flag}
    assert inherited["VLLM_NO_USAGE_STATS"] == "1"
    assert inherited["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "True"
    assert str(ROOT) in inherited["PYTHONPATH"].split(":")


def test_without_adapters_nobody_can_load_one() -> None:
    _, command, inherited = prepare({**L4, "LORA_SLOTS": "0"})
    assert "--enable-lora" not in command
    assert "VLLM_ALLOW_RUNTIME_LORA_UPDATING" not in inherited


def test_the_cpu_has_no_accelerators_flags() -> None:
    _, command, inherited = prepare({"GPU_HARDWARE": "cpu", "GPU_MODEL": "gemma-4-e2b", "MAX_NUM_SEQS": "8"})
    assert "--enforce-eager" in command
    assert not {"--gpu-memory-utilization", "--async-scheduling", "--kv-cache-dtype"} & set(command)
    assert inherited["VLLM_CPU_KVCACHE_SPACE"] == "1"


@pytest.mark.parametrize("wrong", [{"GPU_MODEL": "gemma-4-31b"}, {"PORT": "x"}, {"GPU_MODEL": str(ROOT / "tests")}])
def test_what_cannot_run_ends_the_start_with_one_line(wrong: dict[str, str]) -> None:
    command = [sys.executable, "-m", "gpu_service.serve"]
    done = run(command, **wrong)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["severity"] == "CRITICAL"


def test_show_starts_nothing() -> None:
    command = [sys.executable, "-m", "gpu_service.serve", "--show"]
    done = run(command)
    assert done.returncode == 0, done.stderr
    arithmetic, engine = done.stdout.splitlines()
    assert "<= 19.8 GiB" in arithmetic
    assert engine.startswith("vllm serve ")
