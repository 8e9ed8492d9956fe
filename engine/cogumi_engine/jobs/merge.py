"""Merges an adapter into its base and proves it from disk; see `MergeOptions` in the contracts."""

import math
from typing import Any

import torch

from cogumi_engine.adapters import load_adapter
from cogumi_engine.errors import JobError
from cogumi_engine.files import write_json
from cogumi_engine.job import Job
from cogumi_engine.models import copy_tokenizer, load_model, load_tokenizer, stored_type
from cogumi_engine.options import MergeOptions
from cogumi_engine.rows import prompt_text, read_chats


def run(job: Job[MergeOptions]) -> dict[str, Any]:
    """Output: a Hugging Face folder and `proof.json`. Errors: those of model and adapter; NOT_FINITE."""
    folder, adapter = job.input("model"), job.input("adapter")
    tokenizer = load_tokenizer(folder)
    rows = read_chats(job.input("rows"), job.options.proof_rows)
    prompts = [prompt_text(tokenizer, row) + row["answer"] for row in rows]
    inputs = [torch.tensor([tokenizer.encode(prompt, add_special_tokens=False)]) for prompt in prompts]

    base = load_model(folder)
    base_logits = [_logits(base, ids) for ids in inputs]
    both = load_adapter(base, adapter)
    both_logits = [_logits(both, ids) for ids in inputs]
    both.merge_and_unload().to(stored_type(folder)).save_pretrained(job.output)
    copy_tokenizer(folder, job.output)

    merged = load_model(job.output)
    merged_logits = [_logits(merged, ids) for ids in inputs]
    proof = _compare(merged_logits, both_logits, base_logits)
    write_json(job.output / "proof.json", proof)
    if not all(math.isfinite(figure) for figure in proof.values()):
        raise JobError("NOT_FINITE", "The merged model's logits are not finite.", "Look at the adapter's training loss.")
    parameters = sum(value.numel() for value in merged.parameters())
    return {**proof, "parameters": parameters, "architecture": type(merged).__name__}


def _logits(model: Any, ids: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=ids).logits[0].float()


def _compare(merged: list[torch.Tensor], both: list[torch.Tensor], base: list[torch.Tensor]) -> dict[str, float]:
    pairs = list(zip(merged, both, strict=True))
    agree = sum(int((left.argmax(-1) == right.argmax(-1)).sum()) for left, right in pairs)
    return {
        "maxAbsoluteDifference": max(float((left - right).abs().max()) for left, right in pairs),
        "meanAbsoluteDifference": sum(float((left - right).abs().mean()) for left, right in pairs) / len(pairs),
        "differenceFromBase": sum(float((left - right).abs().mean()) for left, right in zip(merged, base, strict=True))
        / len(pairs),
        "greedyAgreement": agree / sum(left.shape[0] for left, _ in pairs),
    }
