"""Merges an adapter into its base and proves it from disk; see `MergeOptions` in the contracts."""

import math
from typing import Any

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from transformers import PreTrainedModel

from cogumi_engine.adapters import load_adapter
from cogumi_engine.errors import JobError
from cogumi_engine.files import write_json
from cogumi_engine.job import Job
from cogumi_engine.models import facts_of, load_model, load_tokenizer, save_model, stored_type
from cogumi_engine.options import MergeOptions
from cogumi_engine.proof import Probe, agreement, divergence, round_at_random
from cogumi_engine.prose import compare_losses, window_losses, windows_of
from cogumi_engine.rows import encode, read_chats


def run(job: Job[MergeOptions]) -> dict[str, Any]:
    """Output: a Hugging Face folder and `proof.json`. Errors: those of model and adapter; NOT_FINITE."""
    folder = job.input("model")
    tokenizer = load_tokenizer(folder)
    rows = read_chats(job.input("rows"), job.options.proof_rows)
    base = load_model(folder)
    probe = Probe.of([list(encode(tokenizer, row, 0.0).ids) for row in rows], base.get_output_embeddings().weight.shape[0])

    prose = windows_of(tokenizer, job.input("prose"), job.options.prose_tokens) if "prose" in job.inputs else None
    prose_before = None if prose is None else window_losses(base, prose)
    without = probe.logits(base)
    both = load_adapter(base, job.input("adapter"))
    weaken(both, job.options.strength)
    wanted = probe.logits(both)
    merged = both.merge_and_unload()
    exact = probe.logits(merged)
    proof = {
        "effect": divergence(wanted, without),
        "mergeError": relative_error(exact, wanted, without),
        "lossOfBase": probe.loss(without),
    }
    del without, wanted

    precision = stored_type(folder)
    nearest = {name: weight.to(precision) for name, weight in merged.named_parameters()}
    round_at_random(merged, precision, job.seed)
    random = {name: weight.to(precision) for name, weight in merged.named_parameters()}
    proof["roundingNoise"] = divergence(exact, probe.logits(merged))
    put(merged, nearest)
    proof["roundingToNearest"] = divergence(exact, probe.logits(merged))
    # Where the adapter changes less than the distance of two numbers, rounding to nearest undoes it; elsewhere it errs less.
    at_random = proof["roundingNoise"] < proof["roundingToNearest"]
    put(merged, random if at_random else nearest)
    save_model(merged, folder, job.output)
    del merged, both, base, nearest, random

    reloaded = load_model(job.output)
    read = probe.logits(reloaded)
    proof |= {
        "rounding": divergence(exact, read),
        "agreement": agreement(exact, read),
        "lossInF32": probe.loss(exact),
        "loss": probe.loss(read),
    }
    if prose is not None and prose_before is not None:
        proof |= compare_losses(prose_before, window_losses(reloaded, prose))
    write_json(job.output / "proof.json", proof)
    if not all(math.isfinite(figure) for figure in proof.values()):
        raise JobError("NOT_FINITE", "The merged model's logits are not finite.", "Look at the adapter's training loss.")
    rounded = {"precision": str(precision).split(".")[1], "atRandom": at_random}
    return {**proof, **facts_of(reloaded), **rounded, "positions": len(read)}


def weaken(model: PeftModel, strength: float) -> None:
    """
    Scales the change that the adapter makes to every layer, which interpolates the weights between base and tuned model.

    Error: ADAPTER_KIND for DoRA, whose magnitudes do not scale with its change.
    """
    if strength == 1.0:
        return
    for module in model.modules():
        if not isinstance(module, LoraLayer):
            continue
        if any(module.use_dora.values()):
            hint = "Set `merge.strength` to 1, or train `lora` or `rslora`."
            raise JobError("ADAPTER_KIND", "A DoRA adapter merges whole only.", hint)
        module.scale_layer(strength)


def relative_error(merged: torch.Tensor, wanted: torch.Tensor, without: torch.Tensor) -> float:
    """What the merge lost of the adapter's effect on the logits: 0 nothing, 1 all of it. Infinite without an effect."""
    effect = float(torch.linalg.vector_norm(wanted - without))
    return float(torch.linalg.vector_norm(merged - wanted)) / effect if effect > 0 else math.inf


def put(model: PreTrainedModel, weights: dict[str, torch.Tensor]) -> None:
    """Gives the model these values, in its own precision."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(weights[name])
