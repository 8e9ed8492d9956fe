"""
The product of a LoRA layer whose base is frozen, x W' + s (x A') B', written into one tensor.

PEFT's own forward makes three tensors of the output's size (both products and the scaled second) and autograd as many of the
input's and output's on the way back; on a CPU, passes over memory are most of what a small model's training costs.
"""

from typing import Any

import torch
from peft import PeftModel
from peft.tuners.lora import Linear
from torch import nn
from torch.nn import functional

ADAPTER = "default"


class LoraProduct(torch.autograd.Function):
    """
    `inputs` [..., in], `weight` [out, in] and `bias` [out] or None without gradients, `down` [rank, in], `up` [out, rank].

    All products are in the precision of `weight`.
    """

    @staticmethod
    def forward(
        ctx: Any,
        inputs: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        down: torch.Tensor,
        up: torch.Tensor,
        scaling: float,
    ) -> torch.Tensor:
        flat, down, up = (tensor.to(weight.dtype) for tensor in (inputs.flatten(0, -2), down, up))
        low = flat @ down.T
        out = functional.linear(flat, weight, bias).addmm_(low, up.T, alpha=scaling)
        ctx.save_for_backward(flat, low, weight, down, up)
        ctx.scaling = scaling
        return out.unflatten(0, inputs.shape[:-1])

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        flat, low, weight, down, up = ctx.saved_tensors
        grad = grads[0].flatten(0, -2)
        of_low = (grad @ up).mul_(ctx.scaling)
        of_inputs = None
        if ctx.needs_input_grad[0]:
            of_inputs = (grad @ weight).addmm_(of_low, down).unflatten(0, grads[0].shape[:-1])
        of_up = (grad.T @ low).mul_(ctx.scaling)
        return of_inputs, None, None, of_low.T @ flat, of_up, None


def use_lora_products(adapted: PeftModel) -> None:
    """Replaces the forward pass of every plain LoRA layer; others (DoRA, dropout) keep PEFT's."""
    for layer in adapted.modules():
        if isinstance(layer, Linear) and _is_plain(layer):
            layer.forward = _product_of(layer)


def _is_plain(layer: Linear) -> bool:
    base = layer.get_base_layer()
    dropout = isinstance(layer.lora_dropout[ADAPTER], nn.Identity)
    return type(base) is nn.Linear and dropout and ADAPTER not in layer.lora_variant and layer.active_adapters == [ADAPTER]


def _product_of(layer: Linear) -> Any:
    base, down, up = layer.get_base_layer(), layer.lora_A[ADAPTER], layer.lora_B[ADAPTER]

    def forward(inputs: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = LoraProduct.apply(inputs, base.weight, base.bias, down.weight, up.weight, layer.scaling[ADAPTER])
        return out

    return forward
