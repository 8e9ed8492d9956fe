"""What changes from step to step, next to parameters and optimizers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

# A gain of validation below a thousandth of a nat is noise of the batch order (chosen).
LEAST_GAIN = 1e-3


@dataclass
class State:
    """
    Progress, losses and the best weights so far; a checkpoint holds all of it.

    `losses` become `losses.jsonl`: nothing in them may differ between two runs of one job.
    """

    step: int = 0
    tokens: int = 0
    losses: list[dict[str, Any]] = field(default_factory=list)
    best: float = math.inf
    without_gain: int = 0
    best_parameters: dict[str, torch.Tensor] | None = None

    def record(self, kind: str, figures: Mapping[str, float]) -> None:
        """Adds a line to the losses."""
        self.losses.append({"step": self.step, "kind": kind, **figures, "tokens": self.tokens})

    def judge(self, loss: float, parameters: Mapping[str, torch.Tensor], patience: int) -> None:
        """Compares a validation loss with the best one; with patience, it keeps a copy of the best parameters."""
        if loss >= self.best - LEAST_GAIN:
            self.without_gain += 1
            return
        self.best, self.without_gain = loss, 0
        if patience > 0:
            self.best_parameters = {name: value.detach().clone() for name, value in parameters.items()}

    def is_stopped(self, patience: int) -> bool:
        """Whether validation has not gained for `patience` times; never if that is 0."""
        return 0 < patience <= self.without_gain

    def validations(self) -> list[dict[str, Any]]:
        """The lines of the losses that are of held-out rows, in the order of their steps."""
        return [row for row in self.losses if row["kind"] == "validation"]

    def facts(self) -> dict[str, Any]:
        """The step whose weights are kept, the validation loss before training and of those weights, and their other figures."""
        validations = self.validations()
        kept = validations[-1]
        if self.best_parameters is not None:
            kept = next(row for row in validations if row["loss"] == round(self.best, 6))
        losses = {"validationLossBefore": validations[0]["loss"], "validationLossAfter": kept["loss"]}
        figures = {name: value for name, value in kept.items() if name not in ("step", "kind", "loss", "tokens")}
        return {"keptStep": kept["step"], **losses, **figures}
