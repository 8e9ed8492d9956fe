"""
Distillation from a teacher with the same vocabulary: the divergence between whole distributions as a loss, and how often a draft
of the student would be accepted (Leviathan et al. 2023, arXiv:2211.17192; Zhou et al. 2024, "DistillSpec", arXiv:2310.08461).
"""

from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import PreTrainedModel

from cogumi_engine.batches import Batch
from cogumi_engine.errors import JobError
from cogumi_engine.head_loss import HeadLoss, positions_at_once
from cogumi_engine.losses import LOGIT_KNOBS, Loss, LossSum, predicting_states


class Divergence(torch.autograd.Function):
    """
    Kullback-Leibler divergence KL(teacher ‖ student) in nats of each position, [positions] f32, under one frozen head.

    `hidden` and `known`: last hidden states of student and teacher, [positions, width]; `weight`: [vocabulary, width]; `bias` may
    be None. A few positions at a time, as in `HeadLoss`: no tensor of [positions, vocabulary] is ever whole, and the gradient of a
    position, (student - teacher) @ weight, is computed in the same pass.

    Besides: the overlap Σ min(p, q) of each position, which is the probability that a sampled guess is accepted, and 1 where both
    have the same likeliest token. Neither has a gradient.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: torch.Tensor, known: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        learned = ctx.needs_input_grad[0]
        rows = positions_at_once(weight)
        losses, overlaps, agreements, gradients = [], [], [], []
        for states, given in zip(hidden.split(rows), known.split(rows), strict=True):
            student = functional.linear(states, weight, bias).float().log_softmax(-1)
            teacher = functional.linear(given, weight, bias).float().log_softmax(-1)
            agreements.append((student.argmax(-1) == teacher.argmax(-1)).float())
            shares = teacher.exp()
            losses.append((shares * (teacher - student)).sum(-1))
            guesses = student.exp_()
            overlaps.append(torch.minimum(shares, guesses).sum(-1))
            if learned:
                gradients.append((guesses.sub_(shares).to(weight.dtype) @ weight).to(hidden.dtype))
        if learned:
            ctx.save_for_backward(torch.cat(gradients))
        results = torch.cat(losses), torch.cat(overlaps), torch.cat(agreements)
        ctx.mark_non_differentiable(*results[1:])
        return results

    backward = staticmethod(HeadLoss.backward)


def distillation(teacher: PreTrainedModel) -> Loss:
    """
    The loss of a student that shares the teacher's output head, on supervised tokens. Metrics: `overlap` and `agreement`, 0 to 1.

    Errors: MODEL_UNSUPPORTED where the model changes its logits behind the head.
    """
    head = teacher.get_output_embeddings()
    knob = next((name for name in LOGIT_KNOBS if getattr(teacher.config.get_text_config(), name, None)), None)
    if knob is not None or type(head) is not nn.Linear:
        what = f"has {knob}" if knob else f"has the output head {type(head).__name__}"
        raise JobError("MODEL_UNSUPPORTED", f"{type(teacher).__name__} {what}.", "Leave `draft` out of the recipe.")

    def loss(student: PreTrainedModel, batch: Batch) -> LossSum:
        with torch.no_grad():
            known = predicting_states(teacher, batch)
        # Autocast would convert a frozen weight for each piece.
        kind = batch.ids.device.type
        bf16 = torch.is_autocast_enabled(kind)
        weight = head.weight.to(torch.get_autocast_dtype(kind)) if bf16 else head.weight
        divergences, overlaps, agreements = Divergence.apply(predicting_states(student, batch), known, weight, head.bias)
        own = batch.weights[:, 1:][batch.weights[:, 1:] > 0]
        metrics = {"overlap": float((overlaps * own).sum()), "agreement": float((agreements * own).sum())}
        return LossSum((divergences * own).sum(), batch.total_weight(), metrics)

    return loss
