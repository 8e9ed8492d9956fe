"""The attention kernel of every job, chosen here and nowhere else."""

from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from cogumi_engine.batches import Batch

# PyTorch's scaled dot product: it picks flash, memory-efficient or plain kernels by device and shape.
KERNEL = "sdpa"
KERNEL_IN_F32 = "sdpa-f32"


def attend_in_f32(model: PreTrainedModel) -> None:
    """
    Computes attention in f32 under bf16 autocast.

    On a CPU the backward pass of attention takes 4 times as long in bf16 as in f32, a quarter of a step (docs/log.md).
    """

    def attend(module: Any, query: Any, key: Any, value: Any, mask: Any, **options: Any) -> Any:
        with torch.autocast(query.device.type, enabled=False):
            out, weights = sdpa_attention_forward(module, query.float(), key.float(), value.float(), mask, **options)
        return out.to(query.dtype), weights

    AttentionInterface.register(KERNEL_IN_F32, attend)
    AttentionMaskInterface.register(KERNEL_IN_F32, sdpa_mask)
    model.set_attn_implementation(KERNEL_IN_F32)


def attention_inputs(batch: Batch, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """What a model needs besides the ids, so that each document of a packed line sees only itself."""
    if batch.documents is None or batch.positions is None:
        return {}
    return {"attention_mask": document_mask(batch.documents, dtype), "position_ids": batch.positions}


def document_mask(documents: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """[lines, 1, length, length]: 0 where a token may look (its own document, not ahead), else the least number of `dtype`."""
    length = documents.shape[1]
    same = documents[:, :, None] == documents[:, None, :]
    ahead = torch.ones(length, length, dtype=torch.bool, device=documents.device).triu(1)
    allowed = same & ~ahead
    return torch.zeros(allowed.shape, dtype=dtype, device=documents.device).masked_fill(~allowed, torch.finfo(dtype).min)[:, None]
