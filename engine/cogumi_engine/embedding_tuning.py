"""
Trains rows of embedding and head on rows of text; the rest of the model stays as it is.

After a vocabulary was trimmed, a word that was one token is several. The model knows these pieces, but not in this order, and its
head has seldom been asked for them.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from cogumi_engine.distributed import Distributed
from cogumi_engine.files import write_jsonl
from cogumi_engine.job import Job
from cogumi_engine.losses import cross_entropy
from cogumi_engine.options import TrimVocabularyOptions
from cogumi_engine.rows import read_rows
from cogumi_engine.training import make_trainer

# Of Adam, as PyTorch has it: where no row has a gradient.
LEAST_EPSILON = 1e-8


def taken_over(before: Counter[int], after: Counter[int], places: dict[int, int]) -> set[int]:
    """New ids of the tokens that stand more often in texts since others went. `before`: counts by old id, `after`: by new id."""
    old = {place: before[number] for number, place in places.items()}
    return {number for number, count in after.items() if count > old.get(number, 0)}


def tune_embeddings(
    job: Job[TrimVocabularyOptions], model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, tokens: Collection[int]
) -> None:
    """
    Trains the rows of `tokens` in embedding and head for `tuneSteps`, on what was written in the input `rows` (`encode_written`): a
    base model that never saw the template's marks would learn little but these. A killed job continues at its last checkpoint, to
    the same bytes. Writes `losses.jsonl`. Errors: those of tokens and trainer.
    """
    model.requires_grad_(False).to(job.device)
    hooks = [_train_rows(weight, tokens) for weight in _tables(model)]
    # The first held-out rows only: all of them would take longer than the training.
    held_out = job.output / "work/held-out.jsonl"
    held_out.parent.mkdir(exist_ok=True)
    write_jsonl(held_out, islice(read_rows(job.input("heldOut")), job.options.proof_rows))
    # A rate as a share of the weights' size suits embeddings of every scale: Adam moves a weight by about the rate in each step.
    rate = job.options.learning_rate * float(model.get_input_embeddings().weight.detach().square().mean().sqrt())
    options = replace(job.options, learning_rate=rate)
    given = replace(job, options=options, inputs={"rows": job.input("rows"), "validation": held_out})
    trainer = make_trainer(given, model, cross_entropy, tokenizer, Distributed(), prompt_weight=None)
    hooks += [_damp_rows(optimizer, len(tokens)) for optimizer in trainer.optimizers]
    if job.options.weight_decay > 0:
        hooks += [_decay_rows(optimizer, tokens) for optimizer in trainer.optimizers]
    try:
        trainer.train(job.options.tune_steps, job.output / "losses.jsonl")
    finally:
        for hook in hooks:
            hook.remove()
        model.requires_grad_(False).eval().to("cpu")


def round_tables(model: PreTrainedModel, stored: torch.dtype) -> None:
    """Gives embedding and head the values that they will have in the files."""
    with torch.no_grad():
        for weight in _tables(model):
            weight.copy_(weight.to(stored))


def _tables(model: PreTrainedModel) -> list[nn.Parameter]:
    embedding, head = model.get_input_embeddings().weight, model.get_output_embeddings().weight
    return [embedding] if head is embedding else [embedding, head]


def _train_rows(weight: nn.Parameter, tokens: Iterable[int]) -> Any:
    """Lets only these rows learn: where a gradient is 0 from the first step on, Adam moves nothing."""
    weight.requires_grad_(True)
    chosen = torch.zeros(len(weight), 1, dtype=weight.dtype, device=weight.device)
    chosen[list(tokens)] = 1
    return weight.register_hook(lambda gradient: gradient * chosen)


def _damp_rows(optimizer: Optimizer, rows: int) -> Any:
    """
    Lets rows with little gradient move little: Adam's epsilon is the root mean square of a step's gradient over the `rows`.

    All tokens compete in the softmax, so every row has a gradient in every step, most of them a very small one. With a small
    epsilon Adam moves each of them as far as the rows whose tokens stand in the text, and all in one direction.
    """

    def damp(*_: Any) -> None:
        for group in optimizer.param_groups:
            gradients = [weight.grad for weight in group["params"] if weight.grad is not None]
            elements = sum(rows * gradient.shape[1] for gradient in gradients)
            squares = sum(float(gradient.square().sum()) for gradient in gradients)
            group["eps"] = max(LEAST_EPSILON, math.sqrt(squares / max(1, elements)))

    return optimizer.register_step_pre_hook(damp)


def _decay_rows(optimizer: Optimizer, tokens: Iterable[int]) -> Any:
    """Lets only these rows decay: before a step, as AdamW does it to the whole of a table."""
    rows = torch.tensor(sorted(tokens), device=optimizer.param_groups[0]["params"][0].device)
    decays = [group["weight_decay"] for group in optimizer.param_groups]
    for group in optimizer.param_groups:
        group["weight_decay"] = 0.0

    def decay(*_: Any) -> None:
        with torch.no_grad():
            for group, share in zip(optimizer.param_groups, decays, strict=True):
                for weight in group["params"]:
                    weight[rows] *= 1 - group["lr"] * share

    return optimizer.register_step_pre_hook(decay)
