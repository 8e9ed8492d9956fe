"""What the training jobs share: their token sets, and a trainer for them."""

import hashlib
import json
import math
from dataclasses import asdict
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from cogumi_engine.beginning import shared_beginning
from cogumi_engine.checkpoint import Checkpoint
from cogumi_engine.data import Batches
from cogumi_engine.device import wants_bf16
from cogumi_engine.distributed import Distributed, main_first
from cogumi_engine.job import Job
from cogumi_engine.loop import Trainer
from cogumi_engine.losses import Loss
from cogumi_engine.options import DraftOptions, LoopOptions, TrainOptions
from cogumi_engine.reporting import Silent
from cogumi_engine.tokens import TokenSet, token_set


def token_sets(
    job: Job[LoopOptions], tokenizer: PreTrainedTokenizerBase, prompt_weight: float, distributed: Distributed
) -> tuple[TokenSet, TokenSet]:
    """
    The rows to learn and the held-out rows, as tokens. They are kept in the folder that the optional input `tokens` names, so
    that other jobs can use them, or else in the working folder of this job.

    Errors: those of `tokens.token_set`.
    """
    cache = job.inputs.get("tokens", job.output / "work/tokens")

    def load(name: str) -> TokenSet:
        return token_set(
            job.input(name),
            tokenizer,
            cache,
            max_tokens=job.options.max_row_tokens,
            prompt_weight=prompt_weight,
            progress=job.progress,
        )

    with main_first(distributed):
        rows, validation = load("rows"), load("validation")
    if rows.too_long > 0 and distributed.is_main:
        job.warn(f"{rows.too_long} rows are longer than {job.options.max_row_tokens} tokens and were left out")
    return rows, validation


def make_trainer(
    job: Job[LoopOptions],
    model: PreTrainedModel,
    loss: Loss,
    sets: tuple[TokenSet, TokenSet],
    tokenizer: PreTrainedTokenizerBase,
    distributed: Distributed,
    beginning_once: bool = False,
) -> Trainer:
    """
    A trainer of `model` on the token sets, with its checkpoint in the job's output folder.

    `beginning_once`: a pass reads the beginning that all rows share once. Only on a CPU: a document at a time, attention is many
    small kernels, which a GPU is slow at.
    """
    shares = beginning_once and job.device == "cpu"

    def batches(rows: TokenSet) -> Batches:
        return Batches(
            rows=rows,
            options=job.options,
            padding=int(tokenizer.pad_token_id or 0),
            seed=job.seed,
            device=job.device,
            rank=distributed.rank,
            world_size=distributed.world_size,
            beginning=shared_beginning(rows) if shares else 0,
        )

    digests = [rows.digest for rows in sets]
    whole = [job.name, asdict(job.options), job.seed, job.threads, job.device, distributed.world_size, digests]
    identity = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    return Trainer(
        model=model,
        loss=loss,
        rows=batches(sets[0]),
        validation=batches(sets[1]),
        options=job.options,
        bf16=wants_bf16(job.options.precision),
        checkpoint=Checkpoint(job.output / "checkpoint/state.pt", identity, job.device),
        reporter=job if distributed.is_main else Silent(),
        distributed=distributed,
    )


def train_epochs(job: Job[TrainOptions] | Job[DraftOptions], trainer: Trainer) -> dict[str, Any]:
    """Trains for as many steps as `epochs` and `maxSteps` say, and writes `losses.jsonl`. Answers the facts of the trainer."""
    steps = math.ceil(job.options.epochs * trainer.rows.steps_per_epoch())
    if job.options.max_steps is not None:
        steps = min(steps, job.options.max_steps)
    return trainer.train(steps, job.output / "losses.jsonl")
