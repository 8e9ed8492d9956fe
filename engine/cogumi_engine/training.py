"""What the training jobs share: a trainer for their rows, and how long it trains."""

import hashlib
import json
import math
from dataclasses import asdict, replace
from typing import Any

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from cogumi_engine.beginning import shared_beginning
from cogumi_engine.checkpoint import Checkpoint
from cogumi_engine.data import Batches
from cogumi_engine.device import wants_bf16
from cogumi_engine.distributed import Distributed, main_first
from cogumi_engine.episodes import Episodes
from cogumi_engine.job import Job
from cogumi_engine.loop import Trainer
from cogumi_engine.losses import Loss
from cogumi_engine.options import DraftOptions, LoopOptions, TrainOptions
from cogumi_engine.tokens import TokenSet, token_set


def make_trainer(
    job: Job[LoopOptions],
    model: PreTrainedModel,
    loss: Loss,
    tokenizer: PreTrainedTokenizerBase,
    distributed: Distributed,
    *,
    prompt_weight: float | None = 0.0,
    beginning_once: bool = False,
    episodes: Episodes | None = None,
) -> Trainer:
    """
    A trainer of `model` on the inputs `rows` and `validation`, with its checkpoint in the job's output folder. Their tokens are
    kept in the folder that the optional input `tokens` names, so that other jobs can use them, or else in the working folder.

    `prompt_weight`: of `token_set`. `beginning_once`: a pass reads the beginning that all rows share once. Only on a CPU: a
    document at a time, attention is many small kernels, which a GPU is slow at. `episodes`: of meta-learning. Errors: those of
    `tokens.token_set` and `Episodes`.
    """
    shares = beginning_once and job.device == "cpu"
    cache, most = job.inputs.get("tokens", job.output / "work/tokens"), job.options.max_row_tokens

    def tokens(name: str) -> TokenSet:
        path = job.input(name)
        return token_set(path, tokenizer, cache, max_tokens=most, prompt_weight=prompt_weight, progress=job.progress)

    def batches(rows: TokenSet, episodes: Episodes | None = None) -> Batches:
        return Batches(
            rows=rows,
            options=job.options,
            padding=int(tokenizer.pad_token_id or 0),
            seed=job.seed,
            device=job.device,
            rank=distributed.rank,
            world_size=distributed.world_size,
            beginning=shared_beginning(rows) if shares else 0,
            episodes=episodes,
            passes=distributed.passes,
        )

    with main_first(distributed):
        rows, validation = tokens("rows"), tokens("validation")
    distributed.check_rows(len(rows.lengths))
    if rows.too_long > 0 and distributed.is_main:
        job.warn(f"{rows.too_long} rows are longer than {most} tokens and were left out")
    if episodes is not None:
        episodes = episodes.of_rows(job.input("rows"), rows.left_out)
    digests = [rows.digest, validation.digest, episodes.kinds if episodes else None]
    whole = [job.name, asdict(job.options), job.seed, job.threads, job.device, distributed.world_size, digests]
    identity = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    return Trainer(
        model=model,
        loss=loss,
        rows=batches(rows, episodes),
        validation=batches(validation),
        options=job.options,
        bf16=wants_bf16(job.options.precision, job.device),
        checkpoint=Checkpoint(job.output / "checkpoint/state.pt", identity, job.device),
        reporter=job if distributed.is_main else replace(job, emit=lambda _: None),
        distributed=distributed,
    )


def train_epochs(job: Job[TrainOptions] | Job[DraftOptions], trainer: Trainer) -> dict[str, Any]:
    """Trains for as many steps as `epochs` and `maxSteps` say, and writes `losses.jsonl`. Answers the facts of the trainer."""
    steps = math.ceil(job.options.epochs * trainer.rows.steps_per_epoch())
    if job.options.max_steps is not None:
        steps = min(steps, job.options.max_steps)
    return trainer.train(steps, job.output / "losses.jsonl")
