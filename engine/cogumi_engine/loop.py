"""THE training loop: jobs differ in model, rows, loss and options, which they pass in."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers import PreTrainedModel

from cogumi_engine.checkpoint import Checkpoint
from cogumi_engine.data import Batches, Step
from cogumi_engine.distributed import Distributed
from cogumi_engine.errors import JobError
from cogumi_engine.files import write_jsonl
from cogumi_engine.job import REPORT_EVERY_SECONDS
from cogumi_engine.losses import Loss, Totals
from cogumi_engine.optimizers import make_optimizers
from cogumi_engine.options import LoopOptions
from cogumi_engine.schedule import learning_rate

# A gain of validation below a thousandth of a nat is noise of the batch order (chosen).
LEAST_GAIN = 1e-3
RECORD_EVERY_STEPS = 10


class Reporter(Protocol):
    """Receives figures during training; `Job` sends them on as events."""

    def progress(self, done: int, total: int, unit: str, tokens_per_second: float | None = None) -> None: ...

    def metric(self, name: str, step: int, value: float) -> None: ...


@dataclass
class State:
    """What changes from step to step, next to parameters and optimizers: a checkpoint holds all of it."""

    step: int = 0
    tokens: int = 0
    losses: list[dict[str, Any]] = field(default_factory=list)
    best: float = math.inf
    without_gain: int = 0
    best_parameters: dict[str, torch.Tensor] | None = None


@dataclass(kw_only=True)
class Trainer:
    """Trains the parameters that require gradients; a killed job continues at its last checkpoint, to the same bytes."""

    model: PreTrainedModel
    loss: Loss
    rows: Batches
    validation: Batches
    options: LoopOptions
    bf16: bool
    checkpoint: Checkpoint
    reporter: Reporter
    distributed: Distributed

    def __post_init__(self) -> None:
        self.parameters = {name: value for name, value in self.model.named_parameters() if value.requires_grad}
        self.optimizers = make_optimizers(self.model, self.parameters, self.options)
        self.state = State()
        if self.options.gradient_checkpointing:
            self.model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})

    def train(self, steps: int, losses: Path) -> dict[str, Any]:
        """
        Runs to `steps`, or until validation has not gained for `patience` times; with patience, the best weights are kept
        instead of the last. Writes the file `losses`.

        Facts: steps, stoppedEarly, keptStep, loss before and after, precision. Errors: DIVERGED, CHECKPOINT_FOREIGN,
        CHECKPOINT_CORRUPT.
        """
        self.model.train()
        self._resume()
        state, options = self.state, self.options
        meter = _Meter(self.reporter if self.distributed.is_main else None, steps)
        batches = self.rows.steps(state.step)
        if state.step == 0:
            self._validate()
        while state.step < steps and not self._stopped():
            step = next(batches)
            with meter.measure(step):
                rate = learning_rate(state.step, steps, options)
                means, norm = self._learn(step, rate)
                state.step += 1
                state.tokens += step.tokens
            meter.report(state.step)
            if state.step % RECORD_EVERY_STEPS == 0 or state.step == 1:
                self._record("train", means, gradientNorm=round(norm, 6), learningRate=float(f"{rate:.6g}"))
            if state.step % options.validate_every_steps == 0 or state.step == steps:
                self._validate()
            if state.step % options.checkpoint_every_steps == 0 and state.step < steps:
                self._save()
        if self.distributed.is_main:
            write_jsonl(losses, state.losses)
        return self._finish(steps)

    def _learn(self, step: Step, rate: float) -> tuple[dict[str, float], float]:
        """One optimizer step: its mean loss and metrics, and the norm of its gradients before they are clipped."""
        whole = self.distributed.all_reduce({"weight": sum(batch.total_weight() for batch in step.batches)})["weight"]
        totals = Totals()
        for batch in step.batches:
            with self._autocast():
                result = self.loss(self.model, batch)
            (result.sum / whole).backward()
            totals.add(result)
        means = totals.reduced(self.distributed).means()
        self._check_finite("training loss", means["loss"])
        parameters = list(self.parameters.values())
        self.distributed.all_reduce_gradients(parameters)
        norm = float(torch.nn.utils.clip_grad_norm_(parameters, self.options.gradient_clip))
        self._check_finite("norm of the gradients", norm)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return means, norm

    def _validate(self) -> None:
        """Records the loss on held-out rows and remembers the best weights."""
        self.model.eval()
        totals = Totals()
        with torch.no_grad(), self._autocast():
            for batch in self.validation.once():
                # Only tokens that training weighs in full: prompts, which weigh little, would blur the figure.
                full = replace(batch, weights=(batch.weights >= 1).float())
                totals.add(self.loss(self.model, full))
        self.model.train()
        means = totals.reduced(self.distributed).means()
        self._check_finite("validation loss", means["loss"])
        self._record("validation", means)
        state = self.state
        if means["loss"] >= state.best - LEAST_GAIN:
            state.without_gain += 1
            return
        state.best, state.without_gain = means["loss"], 0
        if self.options.patience > 0:
            state.best_parameters = {name: value.detach().clone() for name, value in self.parameters.items()}

    def _finish(self, steps: int) -> dict[str, Any]:
        state = self.state
        validations = [row for row in state.losses if row["kind"] == "validation"]
        kept = validations[-1]
        if state.best_parameters is not None:
            self._load(state.best_parameters)
            kept = next(row for row in validations if row["loss"] == round(state.best, 6))
        return {
            "steps": state.step,
            "stoppedEarly": self._stopped() and state.step < steps,
            "keptStep": kept["step"],
            "validationLossBefore": validations[0]["loss"],
            "validationLossAfter": kept["loss"],
            "precision": "bf16" if self.bf16 else "f32",
        }

    def _stopped(self) -> bool:
        return 0 < self.options.patience <= self.state.without_gain

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.rows.device, dtype=torch.bfloat16, enabled=self.bf16)

    def _check_finite(self, what: str, value: float) -> None:
        if math.isfinite(value):
            return
        raise JobError(
            "DIVERGED",
            f"The {what} is {value} at step {self.state.step}; the peak learning rate is {self.options.learning_rate}.",
            "Lower `learningRate`, for example to a third.",
        )

    def _record(self, kind: str, means: dict[str, float], **more: float) -> None:
        """Adds a line to the losses and reports it. Nothing in a line may differ between two runs of one job."""
        state = self.state
        row = {"step": state.step, "kind": kind, **{name: round(value, 6) for name, value in means.items()}, **more}
        state.losses.append({**row, "tokens": state.tokens})
        if self.distributed.is_main:
            for name, value in {**means, **more}.items():
                self.reporter.metric(f"{kind}-{name}", state.step, value)

    def _save(self) -> None:
        if self.distributed.is_main:
            optimizers = [optimizer.state_dict() for optimizer in self.optimizers]
            self.checkpoint.save({**vars(self.state), "parameters": self.parameters, "optimizers": optimizers})
        self.distributed.barrier()

    def _resume(self) -> None:
        saved = self.checkpoint.load()
        if saved is None:
            return
        self._load(saved["parameters"])
        for optimizer, state in zip(self.optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        self.state = State(**{name: saved[name] for name in vars(self.state)})

    def _load(self, parameters: dict[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, value in self.parameters.items():
                value.copy_(parameters[name])


class _Meter:
    """Reports how fast steps are; time between steps (validation, checkpoints) does not count."""

    def __init__(self, reporter: Reporter | None, steps: int) -> None:
        self.reporter = reporter
        self.steps = steps
        self.tokens = 0
        self.seconds = 0.0
        self.reported = 0.0

    @contextmanager
    def measure(self, step: Step) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds += time.monotonic() - started
        self.tokens += step.tokens

    def report(self, done: int) -> None:
        now = time.monotonic()
        if self.reporter is None or (now - self.reported < REPORT_EVERY_SECONDS and done < self.steps):
            return
        self.reporter.progress(done, self.steps, "steps", self.tokens / self.seconds)
        self.reported, self.tokens, self.seconds = now, 0, 0.0
