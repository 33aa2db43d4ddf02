"""What fits is planned, what does not is refused with the sum and a way out that holds."""

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from gpu_service import plans
from gpu_service.hardware import HARDWARE
from gpu_service.memory import GIB
from gpu_service.models import MODELS
from gpu_service.plan import Refused, Wish, plan
from shared.llm.catalog import load as catalogue
from shared.settings import Settings

CARDS = [name for name, hardware in HARDWARE.items() if not hardware.cpu]


@pytest.mark.parametrize("hardware", CARDS)
@pytest.mark.parametrize("model", MODELS)
def test_every_pair_fits_or_is_refused_with_what_fits(hardware: str, model: str) -> None:
    card, chosen = HARDWARE[hardware], MODELS[model]
    try:
        made = plan(card, chosen)
    except Refused as refused:
        text = str(refused)
        assert "\n" not in text
        if "cannot compute" in text:
            assert chosen.form == "nvfp4"
            return
        # The parts add up to the sum, and the sum is more than there is.
        left, right = re.search(r": (weights .*?) = .*? GiB > (\S+) GiB", text).groups()  # type: ignore[union-attr]
        parts = [float(part) for part in re.findall(r"(?:^| \+ )\w+ ([\d.]+) GiB", left)]
        assert sum(parts) > float(right)
        _follow(text, hardware, model)
    else:
        assert made.need.total <= 0.9 * card.usable_gib * GIB
        assert made.sequences >= 4
        assert made.context == 8192


def _follow(text: str, hardware: str, model: str) -> None:
    """Set what the refusal says: that must fit."""
    advice = re.search(r"nearest that fits: ((?:[A-Z_]+=\S+ )+)", text)
    assert advice is not None, text
    said = dict(pair.split("=") for pair in advice[1].split())
    wish = Wish(
        context=int(said.get("MAX_MODEL_LEN", Wish().context)),
        sequences=int(said.get("MAX_NUM_SEQS", 4)),
        kv_dtype=said.get("KV_CACHE_DTYPE", "auto"),
    )
    plan(HARDWARE[hardware], MODELS[said.get("GPU_MODEL", model)], wish)  # raises when the advice was wrong


def test_the_issue_s_pairs() -> None:
    def fits(hardware: str, model: str) -> bool:
        try:
            plan(HARDWARE[hardware], MODELS[model])
        except Refused:
            return False
        return True

    # Recipes: E2B and E4B in 16 bits and the quantised E4B and 12B on the L4; all of it on 96 GB.
    assert all(fits("nvidia-l4", f"gemma-4-{size}") for size in ("e2b", "e4b", "e2b-w4a16", "e4b-w4a16", "12b-w4a16"))
    assert not any(fits("nvidia-l4", f"gemma-4-{size}") for size in ("12b", "26b-a4b", "31b", "31b-w4a16"))
    assert all(fits("nvidia-rtx-pro-6000", model) for model in MODELS)


def test_a_wish_that_does_not_fit_is_refused_not_trimmed() -> None:
    with pytest.raises(Refused, match=r"64 x 8192 tokens x .* KiB.* > 19.8 GiB \(0.90 x 22.0 of 24 GB\)"):
        plan(HARDWARE["nvidia-l4"], MODELS["gemma-4-12b-w4a16"], Wish(sequences=64))


def test_forms_need_instructions() -> None:
    with pytest.raises(Refused, match="cannot compute nvfp4"):
        plan(HARDWARE["nvidia-h100-80gb"], MODELS["gemma-4-26b-a4b-nvfp4"])
    with pytest.raises(Refused, match="KV_CACHE_DTYPE=auto"):
        plan(HARDWARE["cpu"], MODELS["gemma-4-e2b"], Wish(kv_dtype="fp8"))


def test_the_cpu_is_bounded_by_its_cache() -> None:
    with pytest.raises(Refused, match=r"> 1.0 GiB \(CPU_KV_GIB\)"):
        plan(HARDWARE["cpu"], MODELS["gemma-4-12b-w4a16"], Wish(sequences=32))
    assert plan(HARDWARE["cpu"], MODELS["gemma-4-e2b"], Wish(sequences=8)).need.cache <= GIB


def test_half_the_bytes_for_the_cache_make_room() -> None:
    card, model = HARDWARE["nvidia-l4"], MODELS["gemma-4-12b-w4a16"]
    assert plan(card, model, Wish(kv_dtype="fp8")).sequences > plan(card, model).sequences


def test_adapters_are_in_the_bill() -> None:
    card, model = HARDWARE["nvidia-l4"], MODELS["gemma-4-12b-w4a16"]
    wish = Wish(sequences=4)
    without, with_ = (plan(card, model, replace(wish, adapters=slots)).need.total for slots in (0, 8))
    assert with_ > without
    with pytest.raises(Refused, match="adapters"):
        plan(card, model, replace(wish, adapters=32, rank=256))


def test_the_file_for_terraform_is_current() -> None:
    assert plans.FILE.read_text() == plans.text(), "run: python -m gpu_service.plans"


def test_the_file_says_what_terraform_and_the_gateway_need() -> None:
    entries = json.loads(plans.FILE.read_text())["plans"]
    assert {key.split("/")[0] for key in entries} == {"nvidia-l4", "nvidia-rtx-pro-6000"}
    for key, entry in entries.items():
        hardware, model = key.split("/")
        assert model.startswith(entry["served_model_name"])
        # Cloud Run's limits: 4 CPUs and 16 GiB at least beside an L4, 20 and 80 beside an RTX PRO 6000.
        least = {"nvidia-l4": (4, 16, 8, 32), "nvidia-rtx-pro-6000": (20, 80, 30, 176)}[hardware]
        cpu, memory = int(entry["cpu"]), int(entry["memory"].removesuffix("Gi"))
        assert least[0] <= cpu <= least[2]
        assert least[1] <= memory <= least[3]
        assert entry["max_num_seqs"] >= 4


def test_the_default_model_is_served_under_the_gateway_s_name() -> None:
    settings = Settings.model_validate({"auth_mode": "local", "local_infer_url": "http://gpu/v1"})
    asked = catalogue(settings, date(2026, 11, 21)).models["gemma_4_on_device"].model_id
    served = json.loads(plans.FILE.read_text())["plans"]["nvidia-l4/gemma-4-e4b-w4a16"]["served_model_name"]
    assert served == asked
