"""THE training loop: pretraining, LoRA and what comes later differ in parameters and rows, not here."""

import hashlib
import json
import math
import time
from array import array
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

from cogumi_engine.batches import Batch, attention_mask, group_by_length, pack, pad, plan_epoch
from cogumi_engine.errors import JobError
from cogumi_engine.files import write_jsonl, write_whole
from cogumi_engine.job import TELL_EVERY_SECONDS, Job
from cogumi_engine.optimizers import make_optimizers
from cogumi_engine.rows import Example

# A gain of validation below a thousandth of a nat is noise of the batch order (chosen).
LEAST_GAIN = 1e-3
# What some architectures (Gemma 2, Granite, Cohere) do to logits behind their head.
LOGIT_KNOBS = ("final_logit_softcapping", "logits_scaling", "logit_scale")


def token_losses(model: Any, batch: Batch) -> torch.Tensor:
    """Cross-entropy of the weighted tokens, flat, in the order of the batch: logits are made where they count alone."""
    inputs: dict[str, Any] = {"input_ids": batch.ids, "use_cache": False}
    if batch.documents is not None:
        inputs |= {"attention_mask": attention_mask(batch.documents, model.dtype), "position_ids": batch.positions}
    chosen = batch.weights[:, 1:] > 0
    if any(getattr(model.config.get_text_config(), knob, None) for knob in LOGIT_KNOBS):
        logits = model(**inputs).logits[:, :-1][chosen].float()
    else:
        hidden = model.get_decoder()(**inputs).last_hidden_state[:, :-1]
        logits = model.get_output_embeddings()(hidden[chosen]).float()
    return functional.cross_entropy(logits, batch.ids[:, 1:][chosen], reduction="none")


def weighted_loss(model: Any, batch: Batch) -> torch.Tensor:
    """Sum of the tokens' losses, each by its weight."""
    weights = batch.weights[:, 1:]
    return (token_losses(model, batch) * weights[weights > 0]).sum()


class Trainer:
    """Trains the parameters that require gradients; everything it needs to go on lies in `output/checkpoint`."""

    def __init__(self, job: Job, model: Any, rows: list[Example], validation: list[Example], padding: int, bf16: bool) -> None:
        self.job = job
        self.model = model
        self.rows = rows
        self.validation = validation
        self.padding = padding
        self.bf16 = bf16
        self.options = job.options
        self.parameters = {name: value for name, value in model.named_parameters() if value.requires_grad}
        self.optimizers = make_optimizers(model, self.parameters, self.options)
        self.lengths = [len(example.ids) for example in rows]
        self.identity = ""
        self.step = 0
        self.losses: list[dict[str, Any]] = []
        self.best = math.inf
        self.without_gain = 0
        self.best_parameters: dict[str, torch.Tensor] | None = None
        if self.options["gradientCheckpointing"]:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})

    def train(self, steps: int) -> dict[str, Any]:
        """
        Runs to `steps`, or to where validation has not gained for `patience` times; with patience, the best weights are
        kept and not the last. Facts: steps, loss before and after. Errors: DIVERGED, CHECKPOINT_FOREIGN, CHECKPOINT_CORRUPT.
        """
        self.identity = self._identify(steps)
        self._resume()
        batches = self._batches(self.step)
        told = 0.0
        tokens_since, since = 0, time.monotonic()
        stopped = self._should_stop()
        if self.step == 0:
            self._validate()
        while self.step < steps and not stopped:
            rows = next(batches)
            rate = self._rate(steps)
            for optimizer in self.optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = rate
            loss = self._accumulate(rows)
            torch.nn.utils.clip_grad_norm_(list(self.parameters.values()), self.options["gradientClip"])
            for optimizer in self.optimizers:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
            self.step += 1
            tokens_since += sum(self.lengths[row] for row in rows)
            now = time.monotonic()
            if now - told >= TELL_EVERY_SECONDS or self.step == steps:
                self.job.progress(self.step, steps, "steps", tokens_since / (now - since))
                told, tokens_since, since = now, 0, now
            if self.step % 10 == 0 or self.step == 1:
                self._record("train", loss)
            if self.step % self.options["validateEverySteps"] == 0 or self.step == steps:
                self._validate()
                stopped = self._should_stop()
            if self.step % self.options["checkpointEverySteps"] == 0 and self.step < steps:
                self._save()
        write_jsonl(self.job.output / "losses.jsonl", self.losses)
        validations = [row for row in self.losses if row["kind"] == "validation"]
        kept = validations[-1]
        if self.best_parameters is not None:
            self._load(self.best_parameters)
            kept = next(row for row in validations if row["loss"] == round(self.best, 6))
        return {
            "steps": self.step,
            "stoppedEarly": bool(stopped and self.step < steps),
            "keptStep": kept["step"],
            "validationLossBefore": validations[0]["loss"],
            "validationLossAfter": kept["loss"],
            "precision": "bf16" if self.bf16 else "f32",
        }

    def _rate(self, steps: int) -> float:
        peak, final = self.options["learningRate"], self.options["finalFraction"]
        warmup = max(1, round(steps * self.options["warmupFraction"]))
        if self.step < warmup:
            return peak * (self.step + 1) / warmup
        progress = (self.step - warmup) / max(1, steps - warmup)
        return peak * (final + (1 - final) * 0.5 * (1 + math.cos(math.pi * progress)))

    def _accumulate(self, rows: list[int]) -> float:
        """Gradients of one step's mean loss, group by group."""
        groups = [self._collate([self.rows[row] for row in group]) for group in self._groups(rows, self.lengths)]
        whole = sum(float(batch.weights[:, 1:].sum()) for batch in groups)
        total = 0.0
        for batch in groups:
            with torch.autocast(self.job.device, dtype=torch.bfloat16, enabled=self.bf16):
                loss = weighted_loss(self.model, batch)
            (loss / whole).backward()
            total += float(loss.detach())
        return self._finite("training", total / whole)

    def _batches(self, skip: int) -> Any:
        """Rows of one step after another without end, from number `skip` on."""
        epoch = 0
        while True:
            shuffle = self.options["order"] == "random"
            plan = plan_epoch(self.lengths, self.options["batchTokens"], self.job.seed, epoch, shuffle)
            yield from plan[skip:]
            skip = max(0, skip - len(plan))
            epoch += 1

    def _groups(self, rows: list[int], lengths: list[int]) -> list[list[int]]:
        if self.options["batching"] == "pack":
            return [rows]
        return group_by_length(rows, lengths, self.options["batchTokens"])

    def _collate(self, examples: list[Example]) -> Batch:
        if self.options["batching"] == "pack":
            batch = pack(examples, self.padding, self.options["maxRowTokens"])
        else:
            batch = pad(examples, self.padding)
        return batch.to(self.job.device)

    def _validate(self) -> None:
        self.model.eval()
        total, count = 0.0, 0.0
        with torch.no_grad(), torch.autocast(self.job.device, dtype=torch.bfloat16, enabled=self.bf16):
            lengths = [len(row.ids) for row in self.validation]
            for rows in plan_epoch(lengths, self.options["batchTokens"], 0, 0):
                for group in self._groups(rows, lengths):
                    batch = self._collate([self.validation[row] for row in group])
                    # What is learned in full counts; tokens that only weigh a little (prompts) would blur the figure.
                    batch.weights = (batch.weights >= 1).float()
                    losses = token_losses(self.model, batch)
                    total += float(losses.sum())
                    count += losses.numel()
        self.model.train()
        loss = self._finite("validation", total / count)
        self._record("validation", loss)
        if loss >= self.best - LEAST_GAIN:
            self.without_gain += 1
            return
        self.best, self.without_gain = loss, 0
        if self.options["patience"] > 0:
            self.best_parameters = {name: value.detach().clone() for name, value in self.parameters.items()}

    def _finite(self, what: str, loss: float) -> float:
        if math.isfinite(loss):
            return loss
        raise JobError(
            "DIVERGED",
            f"The {what} loss is {loss} at step {self.step} of {self.job.name}; its learning rate is {self.options['learningRate']}.",
            "Lower `learningRate` (to a third, say); the steps before are of no use.",
        )

    def _should_stop(self) -> bool:
        patience = self.options["patience"]
        return patience > 0 and self.without_gain >= patience

    def _record(self, kind: str, loss: float) -> None:
        self.losses.append({"step": self.step, "kind": kind, "loss": round(loss, 6)})
        self.job.metric(f"{kind}-loss", self.step, loss)

    def _checkpoint(self) -> Path:
        return self.job.output / "checkpoint" / "state.pt"

    def _save(self) -> None:
        state = {
            "job": self.identity,
            "step": self.step,
            "losses": self.losses,
            "best": self.best,
            "without_gain": self.without_gain,
            "best_parameters": self.best_parameters,
            "parameters": self.parameters,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state() if self.job.device == "cuda" else None,
        }
        self._checkpoint().parent.mkdir(parents=True, exist_ok=True)
        write_whole(self._checkpoint(), lambda file: torch.save(state, file))

    def _resume(self) -> None:
        path = self._checkpoint()
        self.model.train()
        if not path.exists():
            return
        hint = f"Remove {path.parent} to begin anew."
        try:
            state = torch.load(path, weights_only=True, map_location=self.job.device)
        except Exception as cause:  # noqa: BLE001 - torch raises whatever its parts raise
            raise JobError("CHECKPOINT_CORRUPT", f"{path} cannot be read: {str(cause)[:100]}", hint) from cause
        if state["job"] != self.identity:
            raise JobError("CHECKPOINT_FOREIGN", f"{path} belongs to a job with other options, rows or seed.", hint)
        self._load(state["parameters"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        torch.set_rng_state(state["random"].cpu())
        if state["random_cuda"] is not None:
            torch.cuda.set_rng_state(state["random_cuda"].cpu())
        self.step, self.losses = state["step"], state["losses"]
        self.best, self.without_gain = state["best"], state["without_gain"]
        self.best_parameters = state["best_parameters"]

    def _load(self, parameters: dict[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for name, value in self.parameters.items():
                value.copy_(parameters[name])

    def _identify(self, steps: int) -> str:
        """What a checkpoint is good for: everything that the steps after it depend on, but the files of the weights."""
        rows = hashlib.sha256()
        for row in self.rows:
            rows.update(array("q", row.ids).tobytes() + array("d", row.weights).tobytes())
        whole = [self.job.name, self.options, self.job.seed, self.job.threads, self.job.device, steps, rows.hexdigest()]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def wants_bf16(job: Job) -> bool:
    from cogumi_engine.worker import has_bf16

    precision = job.options["precision"]
    return precision == "bf16" or (precision == "auto" and has_bf16())
