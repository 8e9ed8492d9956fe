"""Compares models by the logits that they give at fixed positions of fixed texts, in measures that no model's scale enters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

# Logits of one model that are kept for a comparison: 256 MiB in f32 (chosen). A vocabulary of 49,152 leaves 1,365 positions.
MOST_LOGITS = 64 * 1024 * 1024
# Logits that differ by less are compared to the last digits (chosen: beyond it exponentials may overflow, and digits are enough).
NEAR = 1.0


def logits_of(model: nn.Module, ids: Sequence[int] | torch.Tensor, **options: Any) -> torch.Tensor:
    """Logits [positions, vocabulary] in f32 of one text [tokens]."""
    with torch.no_grad():
        return model(input_ids=torch.as_tensor(ids)[None], use_cache=False, **options).logits[0].float()


@dataclass(frozen=True)
class Probe:
    """Texts as tokens, and of each the positions [kept] at which models are compared: evenly spread, last one left out."""

    texts: list[torch.Tensor]
    positions: list[torch.Tensor]

    @classmethod
    def of(cls, texts: list[list[int]], vocabulary: int) -> "Probe":
        """As many positions of `texts` as the logits' memory allows. Texts of one token have none."""
        held = [ids for ids in texts if len(ids) > 1]
        total = sum(len(ids) - 1 for ids in held)
        every = max(1.0, total * vocabulary / MOST_LOGITS)
        positions = [torch.arange(0, len(ids) - 1, every).long().unique() for ids in held]
        return cls([torch.tensor(ids) for ids in held], positions)

    def logits(self, model: nn.Module) -> torch.Tensor:
        """Logits [positions of all texts, vocabulary] in f32."""
        pairs = zip(self.texts, self.positions, strict=True)
        return torch.cat([logits_of(model, ids, logits_to_keep=kept) for ids, kept in pairs])

    def loss(self, logits: torch.Tensor) -> float:
        """Mean cross-entropy of the next tokens, in nats."""
        following = torch.cat([ids[kept + 1] for ids, kept in zip(self.texts, self.positions, strict=True)])
        return float(nn.functional.cross_entropy(logits, following))


def divergence(left: torch.Tensor, right: torch.Tensor) -> float:
    """Mean over positions of KL(left ‖ right) of the next-token distributions, in nats. Both: logits [positions, vocabulary]."""
    total = 0.0
    # In parts: the log-probabilities of both would double the memory.
    for mine, other in zip(left.split(256), right.split(256), strict=True):
        probability = mine.softmax(-1)
        apart = mine - other
        apart -= (probability * apart).sum(-1, keepdim=True, dtype=torch.float64).float()
        if float(apart.abs().max()) < NEAR:
            # log E[exp(-d)] with E[d] = 0, which keeps the digits that a difference of logarithms loses (1e-9 nats and more).
            mean = (probability * torch.expm1(-apart)).sum(-1, dtype=torch.float64)
            total += float(torch.log1p(mean).sum())
        else:
            total += float((probability * (mine.log_softmax(-1) - other.log_softmax(-1))).sum())
    return total / left.shape[0]


def agreement(left: torch.Tensor, right: torch.Tensor) -> float:
    """Share of positions with the same most likely token."""
    return float((left.argmax(-1) == right.argmax(-1)).float().mean())


def round_at_random(model: PreTrainedModel, precision: torch.dtype, seed: int) -> None:
    """
    Rounds every weight in place to one of its two neighbours in `precision`, the nearer one more likely in proportion
    (stochastic rounding; Gupta et al. 2015, arXiv:1502.02551, section 3). What is already of that precision stays.

    Its error has twice the variance of rounding to nearest, but no direction: small changes of many weights survive on average.
    """
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            nearest = weight.to(precision).float()
            error = weight - nearest
            # The neighbour on the other side of the value.
            other = torch.nextafter(nearest.to(precision), (error.sign() * torch.inf).to(precision)).float()
            gap = (other - nearest).abs()
            moved = torch.rand(weight.shape, generator=random) * gap < error.abs()
            weight.copy_(torch.where(moved & (error != 0), other, nearest))
