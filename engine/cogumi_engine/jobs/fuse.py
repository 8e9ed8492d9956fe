"""Merges an adapter into its base and proves it from disk; see `FuseOptions` in the contracts."""

import json
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from cogumi_engine.errors import JobError
from cogumi_engine.files import write_json
from cogumi_engine.job import Job
from cogumi_engine.models import adapter_is_dead, load_adapter, load_model, load_tokenizer
from cogumi_engine.rows import prompt_text, read_rows


def run(job: Job) -> dict[str, Any]:
    options = job.options
    folder, adapter = job.input("model"), job.input("adapter")
    tokenizer = load_tokenizer(folder)
    prompts = [prompt_text(tokenizer, row) + row["answer"] for row in islice(read_rows(job.input("rows")), options["proofRows"])]
    inputs = [torch.tensor([tokenizer.encode(prompt, add_special_tokens=False)]) for prompt in prompts]

    base = load_model(folder)
    base_logits = [_logits(base, ids) for ids in inputs]
    both = load_adapter(base, adapter)
    if adapter_is_dead(adapter):
        raise JobError("DEAD_ADAPTER", "Every B matrix of the adapter is zero: it changes nothing.", "Train it again.")
    both_logits = [_logits(both, ids) for ids in inputs]
    both.merge_and_unload().to(_stored_type(folder)).save_pretrained(job.output)
    tokenizer.save_pretrained(job.output)

    merged = load_model(job.output)
    merged_logits = [_logits(merged, ids) for ids in inputs]
    proof = _compare(merged_logits, both_logits, base_logits)
    write_json(job.output / "proof.json", proof)
    if proof["differenceFromBase"] < options["floor"]:
        raise JobError(
            "DEAD_ADAPTER",
            f"The merged model differs from its base by {proof['differenceFromBase']:.2g}, less than {options['floor']:.2g}.",
            "The adapter was not applied or learned nothing: look at the training loss.",
        )
    parameters = sum(value.numel() for value in merged.parameters())
    return {**proof, "parameters": parameters, "architecture": type(merged).__name__}


def _stored_type(folder: Path) -> torch.dtype:
    """The precision the base's files have; the sum itself is made in f32."""
    config = json.loads((folder / "config.json").read_text("utf-8"))
    return getattr(torch, config.get("dtype") or config.get("torch_dtype") or "bfloat16")


def _logits(model: Any, ids: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=ids).logits[0].float()


def _compare(merged: list[torch.Tensor], both: list[torch.Tensor], base: list[torch.Tensor]) -> dict[str, float]:
    pairs = list(zip(merged, both, strict=True))
    agree = sum(int((left.argmax(-1) == right.argmax(-1)).sum()) for left, right in pairs)
    return {
        "maxAbsoluteDifference": max(float((left - right).abs().max()) for left, right in pairs),
        "meanAbsoluteDifference": sum(float((left - right).abs().mean()) for left, right in pairs) / len(pairs),
        "differenceFromBase": sum(float((left - right).abs().mean()) for left, right in zip(merged, base, strict=True)) / len(pairs),
        "greedyAgreement": agree / sum(left.shape[0] for left, _ in pairs),
    }
