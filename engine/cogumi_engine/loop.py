"""THE training loop: jobs differ in model, rows, loss and options, which they pass in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel

from cogumi_engine.batches import Batch
from cogumi_engine.checkpoint import Checkpoint, random_state
from cogumi_engine.data import Batches, Step
from cogumi_engine.distributed import Distributed
from cogumi_engine.errors import JobError
from cogumi_engine.files import write_jsonl
from cogumi_engine.losses import Loss, Totals
from cogumi_engine.optimizers import make_optimizers
from cogumi_engine.options import LoopOptions
from cogumi_engine.reporting import Meter, Reporter
from cogumi_engine.schedule import learning_rate
from cogumi_engine.state import LEAST_GAIN, State

RECORD_EVERY_STEPS = 10  # of training losses (chosen)

VALIDATIONS = 10  # points that a curve can be read from (chosen)
VALIDATION_SHARE = 0.1  # most of the time that validation may take (chosen)
# A forward pass takes about half the time of a forward and backward pass with frozen weights.
VALIDATION_COST = 0.5


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

        Facts: rows, tooLong, steps, stoppedEarly, precision and those of the state. Errors: DIVERGED, NO_GAIN, CHECKPOINT_FOREIGN,
        CHECKPOINT_CORRUPT.
        """
        self.model.train()
        self._resume()
        state, options = self.state, self.options
        meter = Meter(self.reporter, steps)
        batches = self.rows.steps(state.step)
        every = options.validate_every_steps or self._validation_interval(steps)
        if state.step == 0:
            self._validate()
        while state.step < steps and not state.is_stopped(options.patience):
            with meter.measure():
                step = next(batches)
                figures = self._learn(step, learning_rate(state.step, steps, options))
            state.step += 1
            state.tokens += step.tokens
            meter.report(state.step, step.tokens)
            if state.step % RECORD_EVERY_STEPS == 0 or state.step == 1:
                self._record("train", figures)
            if state.step % every == 0 or state.step == steps:
                self._validate()
            if state.step % options.checkpoint_every_steps == 0 and state.step < steps:
                self._save()
        if self.distributed.is_main:
            write_jsonl(losses, state.losses)
        return self._finish(steps)

    def _validation_interval(self, steps: int) -> int:
        """Steps from one validation to the next: few enough for a curve, and as many as keep validation cheap."""
        learned = steps * sum(self.rows.rows.lengths) / self.rows.steps_per_epoch()
        affordable = VALIDATION_SHARE * learned / (VALIDATION_COST * sum(self.validation.rows.lengths))
        return math.ceil(steps / max(1.0, min(VALIDATIONS, affordable)))

    def _learn(self, step: Step, rate: float) -> dict[str, float]:
        """One optimizer step; answers mean loss and metrics, the norm of the gradients before they are clipped, and the rate."""
        parameters = list(self.parameters.values())
        episodes = self.rows.episodes
        totals = Totals()
        if episodes is None:
            self._backward(step.batches, totals)
        else:
            episodes.backward(step.episodes, parameters, totals, self._backward)
        means = totals.reduced(self.distributed).means()
        self._check_finite("training loss", means["loss"])
        norm = float(torch.nn.utils.clip_grad_norm_(parameters, self.options.gradient_clip))
        self._check_finite("norm of the gradients", norm)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        return {**means, "gradientNorm": norm, "learningRate": float(f"{rate:.6g}")}

    def _backward(self, batches: Sequence[Batch], totals: Totals) -> None:
        """Adds the gradients of the mean loss of batches of all processes, and to `totals` the losses of this process."""
        whole = self.distributed.all_reduce({"weight": sum(batch.total_weight() for batch in batches)})["weight"]
        for batch in batches:
            with self._autocast():
                result = self.loss(self.model, batch)
            (result.sum / whole).backward()
            totals.add(result)
        self.distributed.all_reduce_gradients(self.parameters.values())

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
        self.state.judge(means["loss"], self.parameters, self.options.patience)

    def _finish(self, steps: int) -> dict[str, Any]:
        state = self.state
        facts = state.facts()
        if state.step > 0 and facts["keptStep"] == 0:
            self._refuse_no_gain(steps)
        if state.best_parameters is not None:
            self._load(state.best_parameters)
        stopped = state.is_stopped(self.options.patience) and state.step < steps
        rows, precision = self.rows.rows, "bf16" if self.bf16 else "f32"
        trained = {"rows": len(rows.lengths), "tooLong": rows.too_long, "steps": state.step}
        return {**trained, "stoppedEarly": stopped, "precision": precision, **facts}

    def _refuse_no_gain(self, steps: int) -> None:
        """The best weights are those from before training, which is no result."""
        before, *later = self.state.validations()
        lowest = min(later, key=lambda row: row["loss"])
        raise JobError(
            "NO_GAIN",
            f"Training never lowered the validation loss by {LEAST_GAIN}: it was {before['loss']} before, and at its lowest "
            f"{lowest['loss']} (step {lowest['step']}); training ended at step {self.state.step} of {steps}.",
            f"Lower `learningRate` ({self.options.learning_rate}), validate more often (`validateEverySteps`), give more training "
            "rows that resemble the held-out ones, or set `patience: 0` to keep the last weights.",
        )

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

    def _record(self, kind: str, figures: dict[str, float]) -> None:
        self.state.record(kind, {name: value if name == "learningRate" else round(value, 6) for name, value in figures.items()})
        for name, value in figures.items():
            self.reporter.metric(f"{kind}-{name}", self.state.step, value)

    def _save(self) -> None:
        random = self.distributed.all_gather(random_state(self.rows.device))
        if self.distributed.is_main:
            optimizers = [optimizer.state_dict() for optimizer in self.optimizers]
            self.checkpoint.save({**vars(self.state), "parameters": self.parameters, "optimizers": optimizers}, random)
        self.distributed.barrier()

    def _resume(self) -> None:
        saved = self.checkpoint.load(self.distributed.rank)
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
