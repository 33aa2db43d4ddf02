"""vLLM's command line and environment for a plan. Pure."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gpu_service.plan import Plan
from gpu_service.settings import Settings

FRONT: Final = "gpu_service.front.Front"
LOGGING: Final = Path(__file__).with_name("logging.json")
STREAM_THREADS: Final = 16
STREAM_BUFFER_BYTES: Final = 4 * 1024**3
"""The streamer's buffer in host memory, which is 40 GB unless told: more than the smallest instance has."""
_BUCKET: Final = "gs://"


def source(made: Plan, settings: Settings) -> str:
    """Where the weights come from."""
    return settings.model_source or made.model.source


def served(made: Plan, settings: Settings) -> str:
    """The name that callers ask for: what the gateway's catalogue calls the own model."""
    return settings.served_model_name or made.model.family


def command(made: Plan, settings: Settings) -> list[str]:
    """What follows `vllm serve`."""
    chosen = source(made, settings)
    return [
        *(chosen, "--served-model-name", served(made, settings)),
        *("--host", settings.host, "--port", str(settings.port), "--middleware", FRONT),
        *("--dtype", "bfloat16", "--max-model-len", str(made.context), "--max-num-seqs", str(made.sequences)),
        *("--max-num-batched-tokens", str(made.hardware.batch_tokens)),
        *_hardware(made),
        *_weights(chosen),
        *_adapters(made),
        # Towers for pictures and sound are not even loaded.
        *(["--language-model-only"] if made.model.text_only else []),
        *("--enable-auto-tool-choice", "--tool-call-parser", "gemma4", "--reasoning-parser", "gemma4"),
        # Left free to choose, small models pad JSON with white space without end.
        *("--structured-outputs-config", '{"backend":"xgrammar","disable_any_whitespace":true}'),
        # What the gateway settles a bill with: how much of the prompt was cached.
        "--enable-prompt-tokens-details",
        # The front writes a line for each call; the server's own would hold no trace, and the engine's the prompt.
        "--disable-uvicorn-access-log",
        *("--logging-config.pylogging_config_file", str(LOGGING)),
    ]


def environment(made: Plan, settings: Settings, inherited: Mapping[str, str]) -> dict[str, str]:
    """The process's environment: what it inherits, what the engine needs, and the plan's numbers for the front."""
    added = {
        "SERVED_MODEL_NAME": served(made, settings),
        "MAX_NUM_SEQS": str(made.sequences),
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        # The front is found beside this package, wherever the engine was started.
        "PYTHONPATH": ":".join(filter(None, (str(Path(__file__).parents[1]), inherited.get("PYTHONPATH", "")))),
    }
    if made.adapters:
        # Adapters are loaded and replaced while it runs. The service is private: only the gateway's account may call it.
        added["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] = "True"
    if _local(source(made, settings)):
        added["HF_HUB_OFFLINE"] = "1"
    if made.hardware.cpu:
        added["VLLM_CPU_KVCACHE_SPACE"] = f"{made.cpu_cache_gib:g}"
        # Threads are left to the scheduler: on a laptop others work on the same cores.
        added.setdefault("VLLM_CPU_OMP_THREADS_BIND", inherited.get("VLLM_CPU_OMP_THREADS_BIND", "nobind"))
    return {**inherited, **added}


def _local(chosen: str) -> bool:
    """Whether nothing has to be asked of Hugging Face."""
    return chosen.startswith((_BUCKET, "/", "."))


def _hardware(made: Plan) -> list[str]:
    if made.hardware.cpu:
        # Compiling takes minutes and pays off for nothing that a CPU serves.
        return ["--enforce-eager"]
    return [
        *("--gpu-memory-utilization", f"{made.memory_share:g}", "--kv-cache-dtype", made.kv_dtype),
        "--async-scheduling",
    ]


def _weights(chosen: str) -> list[str]:
    if not chosen.startswith(_BUCKET):
        return []
    tuning = {"concurrency": STREAM_THREADS, "memory_limit": STREAM_BUFFER_BYTES}
    return ["--load-format", "runai_streamer", "--model-loader-extra-config", json.dumps(tuning)]


def _adapters(made: Plan) -> list[str]:
    if not made.adapters:
        return []
    return [
        *("--enable-lora", "--max-loras", str(made.adapters), "--max-lora-rank", str(made.rank)),
        # Those that wait in host memory for their turn.
        *("--max-cpu-loras", str(max(8, 2 * made.adapters))),
    ]
