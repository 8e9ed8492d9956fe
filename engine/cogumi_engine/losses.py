"""Losses of the training loop: functions of a model and a batch that answer a sum, a count and metrics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn import functional
from transformers import PreTrainedModel

from cogumi_engine.attention import model_inputs
from cogumi_engine.batches import Batch
from cogumi_engine.distributed import Distributed
from cogumi_engine.head_loss import HeadLoss

# What some architectures (Gemma 2, Granite, Cohere) do to logits after their head.
LOGIT_KNOBS = ("final_logit_softcapping", "logits_scaling", "logit_scale")


@dataclass(frozen=True)
class LossSum:
    """
    Sum of a loss over a batch: sums of several batches add up, means do not.

    `sum`: scalar with a gradient; `count`: what `sum` is divided by for a mean; `metrics`: further sums over the same count.
    The loop divides gradients by the total weight of all batches of a step (`Batch.total_weight`), which is known before the
    first pass.
    """

    sum: torch.Tensor
    count: float
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Totals:
    """Sums of a loss over several batches, as plain numbers."""

    sum: float = 0.0
    count: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)

    def add(self, result: LossSum) -> None:
        """Adds the sums of one batch."""
        self.sum += float(result.sum.detach())
        self.count += result.count
        for name, value in result.metrics.items():
            self.metrics[name] = self.metrics.get(name, 0.0) + value

    def reduced(self, distributed: Distributed) -> "Totals":
        """The sums over the batches of all processes."""
        whole = distributed.all_reduce({"sum": self.sum, "count": self.count, **self.metrics})
        return Totals(whole.pop("sum"), whole.pop("count"), whole)

    def means(self) -> dict[str, float]:
        """`loss` and every metric, divided by the count."""
        return {name: value / self.count for name, value in {"loss": self.sum, **self.metrics}.items()}


Loss = Callable[[PreTrainedModel, Batch], LossSum]


def predicting_states(model: PreTrainedModel, batch: Batch) -> torch.Tensor:
    """Last hidden states from which the supervised tokens (weight above 0) are predicted: [supervised tokens, width]."""
    # Position i predicts token i + 1, so weights and targets are shifted by one: [rows, length - 1].
    return model.get_decoder()(**model_inputs(batch)).last_hidden_state[:, :-1][batch.weights[:, 1:] > 0]


def token_losses(model: PreTrainedModel, batch: Batch) -> torch.Tensor:
    """
    Cross-entropy of the supervised tokens, flattened in batch order: [supervised tokens], in nats.

    Logits are computed only at those tokens, which saves [rows * length, vocabulary] of memory; where the head is frozen, a few
    tokens at a time (`head_loss`).
    """
    supervised = batch.weights[:, 1:] > 0
    targets = batch.ids[:, 1:][supervised]
    if any(getattr(model.config.get_text_config(), knob, None) for knob in LOGIT_KNOBS):
        logits = model(**model_inputs(batch)).logits[:, :-1][supervised].float()
    else:
        hidden, head = predicting_states(model, batch), model.get_output_embeddings()
        if type(head) is nn.Linear and not head.weight.requires_grad:
            losses: torch.Tensor = HeadLoss.apply(hidden, head.weight, head.bias, targets)
            return losses
        logits = head(hidden).float()
    return functional.cross_entropy(logits, targets, reduction="none")


def cross_entropy(model: PreTrainedModel, batch: Batch) -> LossSum:
    """Cross-entropy of the next token, each token by its weight; the count is the sum of the weights."""
    weights = batch.weights[:, 1:]
    losses = token_losses(model, batch)
    return LossSum((losses * weights[weights > 0]).sum(), batch.total_weight())
