"""Makes a Gemma 4 of about half a million weights, so that the real engine can be tested without a GPU or a download.

    .venv-vllm/bin/python scripts/vllm/tiny_gemma4.py FOLDER [--steps N]

The architecture has each of Gemma 4's traits in small: sliding and full attention with heads of two sizes, per-layer
embeddings, layers that share keys and values, double-wide MLPs, soft-capped logits, tied embeddings. The tokenizer is a
byte-level BPE trained here, with Gemma 4's control tokens. A short training on made-up lessons teaches the model to end
its turn and its JSON strings; it knows nothing. Everything is seeded: the same machine makes the same weights (other
machines may differ in the last bits, so no test may expect certain words). `--steps 0` leaves the weights random.
"""

import argparse
import random
import time
from pathlib import Path
from typing import Any

from tiny_corpus import conversations, sentences  # type: ignore[import-not-found]  # a sibling: this runs as a script

CONTEXT = 8192
VOCABULARY = 1024
BATCH = 4
CONTROL = (
    "<pad>", "<eos>", "<bos>", "<unk>", "<mask>",
    "<|turn>", "<turn|>", "<|think|>", "<|channel>", "<channel|>",
    "<|tool>", "<tool|>", "<|tool_call>", "<tool_call|>", "<|tool_response>", "<tool_response|>", '<|"|>',
    "<|image|>", "<|audio|>", "<|video|>",
)  # fmt: skip
CHAT_TEMPLATE = """{{- bos_token -}}
{%- for message in messages -%}
  {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
  {{- '<|turn>' + role + '\\n' -}}
  {%- if message['content'] is string -%}
    {{- message['content'] | trim -}}
  {%- else -%}
    {%- for part in message['content'] -%}
      {%- if part['type'] == 'text' -%}{{- part['text'] | trim -}}{%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {{- '<turn|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|turn>model\\n' -}}{%- endif -%}
"""
"""Gemma 4's turns. Its template also renders tools and thinking, which the product does not ask for."""


def make_tokenizer(seed: int) -> Any:
    """Byte-level BPE, so that no text of any language is unknown to it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # type: ignore[import-not-found]  # lives in .venv-vllm
    from transformers import PreTrainedTokenizerFast  # type: ignore[import-not-found]  # lives in .venv-vllm

    core = Tokenizer(models.BPE(unk_token=None))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(CONTROL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    core.train_from_iterator(sentences(random.Random(seed)), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        additional_special_tokens=list(CONTROL[4:]),
        chat_template=CHAT_TEMPLATE,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


def make_model(seed: int) -> Any:
    """Gemma4ForCausalLM with seeded random weights, float32."""
    import torch  # type: ignore[import-not-found]  # lives in .venv-vllm
    from transformers import Gemma4ForCausalLM, Gemma4TextConfig

    torch.manual_seed(seed)
    return Gemma4ForCausalLM(
        Gemma4TextConfig(
            vocab_size=VOCABULARY,
            vocab_size_per_layer_input=VOCABULARY,
            hidden_size=96,
            intermediate_size=192,
            hidden_size_per_layer_input=16,
            num_hidden_layers=4,
            num_attention_heads=3,
            num_key_value_heads=1,
            head_dim=32,
            global_head_dim=64,
            num_kv_shared_layers=2,
            use_double_wide_mlp=True,
            layer_types=["sliding_attention", "full_attention"] * 2,
            sliding_window=128,
            final_logit_softcapping=30.0,
            max_position_embeddings=CONTEXT,
            pad_token_id=CONTROL.index("<pad>"),
            eos_token_id=CONTROL.index("<eos>"),
            bos_token_id=CONTROL.index("<bos>"),
        )
    )


def train(model: Any, tokenizer: Any, steps: int, seed: int) -> float:
    """Next-token training on whole conversations, BATCH at a time. Returns the last loss (nats per token)."""
    import torch

    rng = random.Random(seed + 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=max(steps, 1))
    loss = torch.tensor(float("nan"))
    for _ in range(steps):
        texts = [tokenizer.apply_chat_template(talk, tokenize=False) for talk in conversations(rng, BATCH)]
        batch = tokenizer(
            texts, return_tensors="pt", padding=True, truncation=True, max_length=192, add_special_tokens=False
        )
        labels = batch.input_ids.masked_fill(batch.attention_mask == 0, -100)
        loss = model(input_ids=batch.input_ids, attention_mask=batch.attention_mask, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
    return float(loss.item())


def make(folder: Path, steps: int, seed: int) -> None:
    """Write config, weights (bfloat16), tokenizer and generation defaults into `folder`."""
    import torch
    from transformers import GenerationConfig

    began = time.monotonic()
    torch.use_deterministic_algorithms(mode=True)
    # One thread: several wait for each other at every step, for minutes when the other cores are busy.
    torch.set_num_threads(1)
    tokenizer, model = make_tokenizer(seed), make_model(seed)
    loss = train(model, tokenizer, steps, seed)
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    # As Gemma 4's own file: the end of the turn ends the answer.
    GenerationConfig(
        bos_token_id=CONTROL.index("<bos>"),
        eos_token_id=[CONTROL.index("<eos>"), CONTROL.index("<turn|>")],
        pad_token_id=CONTROL.index("<pad>"),
    ).save_pretrained(folder)
    weights = sum(parameter.numel() for parameter in model.parameters())
    print(f"{folder}: {weights:,} weights, {steps} steps, loss {loss:.3f}, {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seed", type=int, default=4)
    arguments = parser.parse_args()
    make(arguments.folder, arguments.steps, arguments.seed)
