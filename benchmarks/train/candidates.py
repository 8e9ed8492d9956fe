"""
What may be faster on a GPU than the engine's own way and was not measured yet; `compare.py --candidates` uses it. What pays belongs
into the engine, the rest away.
"""

from inspect import signature
from itertools import accumulate
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.attention.varlen import varlen_attn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

KERNEL = "cogumi-at-once"
# Before torch 2.13, it takes fewer heads of keys than of queries without being told.
GROUPED = {"enable_gqa": True} if "enable_gqa" in signature(varlen_attn).parameters else {}


def use_candidates(model: PreTrainedModel) -> None:
    """Packed documents in one kernel, and RMSNorm in one kernel."""
    model.set_attn_implementation(KERNEL)
    for module in model.modules():
        # Norms as Llama has them; Gemma's, with 1 + weight, keeps its `eps` under another name.
        if type(module).__name__.endswith("RMSNorm") and hasattr(module, "variance_epsilon"):
            module.forward = _fused(module)


def _fused(norm: Any) -> Any:
    """By bytes, the kernels of transformers' own forward pass read and write the hidden states six times as often."""
    return lambda hidden: functional.rms_norm(hidden, norm.weight.shape, norm.weight, norm.variance_epsilon)


def _attend_at_once(
    module: nn.Module, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, **options: Any
) -> tuple[torch.Tensor, None]:
    """
    All documents of packed lines in one kernel, which a GPU has for 16 bits (Dao 2023, arXiv:2307.08691); the engine's has one for
    each document. `mask`: lengths of the documents, as `attention.model_inputs` gives them. Shapes: as `attention._attend`.
    """
    if mask is None or mask.dtype != torch.int64:
        out, _ = sdpa_attention_forward(module, query, key, value, mask, **options)
        return out, None
    lengths = mask.flatten().tolist()
    starts = torch.tensor([0, *accumulate(lengths)], dtype=torch.int32).to(query.device)
    window, longest = options.get("sliding_window"), max(lengths)
    sides = {"window_size": (-1 if window is None else window - 1, 0), "scale": options.get("scaling"), **GROUPED}
    flat = [tensor.transpose(1, 2).flatten(0, 1) for tensor in (query, key, value)]
    out = varlen_attn(*flat, starts, starts, longest, longest, **sides)
    return out.unflatten(0, (query.shape[0], query.shape[2])), None


AttentionInterface.register(KERNEL, _attend_at_once)
AttentionMaskInterface.register(KERNEL, sdpa_mask)
