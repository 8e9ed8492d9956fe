"""
Cross-entropy behind a frozen output head, a few positions at a time: no tensor of [positions, vocabulary] is ever whole.

The gradient of a position's loss with respect to its hidden state is (softmax - target) @ weight, so the pass that computes the
loss can compute it too and keep [positions, width] in place of the logits (Hsu et al. 2024, arXiv:2410.10989, section 3.2;
Wijmans et al. 2024, arXiv:2411.09009).
"""

from typing import Any

import torch
from torch.nn import functional

# Largest piece of logits at once: it stays in the cache of a server's CPU, and the product still has enough rows (chosen).
CHUNK_BYTES = 2**24
# On a GPU, whose products of fewer than some hundred rows wait for the weights (chosen: 523 rows of 128,256 tokens).
GPU_CHUNK_BYTES = 2**28


def positions_at_once(weight: torch.Tensor) -> int:
    """Positions of which the logits in f32 are one piece. `weight`: of the head, [vocabulary, width]."""
    return max(1, (GPU_CHUNK_BYTES if weight.is_cuda else CHUNK_BYTES) // (4 * len(weight)))


class HeadLoss(torch.autograd.Function):
    """
    Losses in nats, [positions] f32, of hidden states [positions, width] under a linear head [vocabulary, width] that needs no
    gradient; `bias` may be None, `targets`: [positions] int64.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, targets: torch.Tensor
    ) -> torch.Tensor:
        learned = ctx.needs_input_grad[0]
        rows = positions_at_once(weight)
        losses, gradients = [], []
        for states, wanted in zip(hidden.split(rows), targets.split(rows), strict=True):
            logits = functional.linear(states, weight, bias).float()
            highest = logits.amax(-1, keepdim=True)
            of_target = logits.gather(-1, wanted[:, None]) - highest
            shares = logits.sub_(highest).exp_()
            total = shares.sum(-1, keepdim=True)
            losses.append((total.log() - of_target)[:, 0])
            if learned:
                shares.div_(total)
                shares[torch.arange(len(wanted), device=wanted.device), wanted] -= 1
                gradients.append((shares.to(weight.dtype) @ weight).to(hidden.dtype))
        if learned:
            ctx.save_for_backward(torch.cat(gradients))
        return torch.cat(losses)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * grads[0][:, None].to(gradient.dtype), None, None, None
