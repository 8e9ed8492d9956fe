"""
The attention kernel of every job, chosen here and nowhere else.

It is PyTorch's scaled dot product, which picks flash, memory-efficient or plain kernels by device and shape. Documents of a
packed line are computed one by one: no mask of [length, length] is made. On a CPU that took a half to a quarter of the time of
such a mask, and less than documents padded to one tensor (measured in CPU seconds, lines of 512 to 2,048 tokens, 12 to 145
documents of 20 to 2,000 tokens, forward and backward).
"""

from typing import Any

import torch
from torch import nn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from cogumi_engine.batches import Batch

KERNEL = "cogumi"
KERNEL_IN_F32 = "cogumi-f32"


def attend_in_f32(model: PreTrainedModel) -> None:
    """
    Computes attention in f32 under bf16 autocast.

    On a CPU the backward pass of attention takes 4 times as long in bf16 as in f32, a quarter of a step (docs/log.md).
    """
    model.set_attn_implementation(KERNEL_IN_F32)


def model_inputs(batch: Batch) -> dict[str, Any]:
    """
    What a model is called with, so that each document of a packed line sees only itself, and the beginning of the line where
    the documents continue it: then the first length is negative.
    """
    inputs = {"input_ids": batch.ids, "use_cache": False}
    if batch.documents is None or batch.positions is None:
        return inputs
    lengths = document_lengths(batch.documents)
    if batch.beginning > 0:
        lengths[0] *= -1
    # transformers passes a mask of four dimensions on to the kernel as it is: this one holds lengths, which the CPU needs.
    return {**inputs, "attention_mask": lengths[None, None, None].cpu(), "position_ids": batch.positions}


def document_lengths(documents: torch.Tensor) -> torch.Tensor:
    """Tokens of each document, line by line, int64; the padding of a line counts as a document. `documents`: [lines, length]."""
    starts = torch.ones_like(documents, dtype=torch.bool)
    starts[:, 1:] = documents[:, 1:] != documents[:, :-1]
    ends = torch.tensor([documents.numel()], device=documents.device)
    return torch.cat([starts.flatten().nonzero()[:, 0], ends]).diff()


def _attend(
    module: torch.nn.Module, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, **options: Any
) -> tuple[torch.Tensor, None]:
    """Attention of transformers' interface: query [lines, heads, length, width] to [lines, length, heads, width]."""
    attend: Any = _attend_capped if options.get("softcap") is not None else sdpa_attention_forward
    if mask is None or mask.dtype != torch.int64:
        out, _ = attend(module, query, key, value, mask, **options)
        return out, None
    lines, _, length, _ = query.shape
    signed = mask.flatten().tolist()
    lengths = [abs(tokens) for tokens in signed]
    # `split` and not slices: the gradient of a slice is a tensor of the whole size.
    parts = (tensor.transpose(0, 1).flatten(1, 2)[None].split(lengths, 2) for tensor in (query, key, value))
    documents = list(zip(*parts, strict=True))
    if signed[0] < 0:
        (_, *beginning), *rest = documents
        continued = [(own, *(torch.cat(pair, 2) for pair in zip(beginning, seen, strict=True))) for own, *seen in rest]
        documents[1:] = continued
    window = options.get("sliding_window")
    outs = [attend(module, *document, _mask(document[0], document[1], window), **options)[0] for document in documents]
    return torch.cat(outs, 1).unflatten(1, (lines, length))[0], None


def _attend_capped(
    module: torch.nn.Module, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, **options: Any
) -> tuple[torch.Tensor, None]:
    """Attention with a soft cap on scores (Gemma 2, arXiv:2408.00118, section 2), which PyTorch's kernels leave out in silence."""
    groups = query.shape[1] // key.shape[1]
    key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
    cap = options["softcap"]
    scores = torch.tanh(query @ key.transpose(2, 3) * options["scaling"] / cap) * cap
    length, seen = query.shape[2], key.shape[2]
    if mask is None and length > 1:
        mask = torch.ones(length, seen, dtype=torch.bool, device=query.device).tril(seen - length)
    if mask is not None:
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
    shares = nn.functional.dropout(scores.softmax(-1, torch.float32).to(query.dtype), options.get("dropout", 0.0), module.training)
    return (shares @ value).transpose(1, 2).contiguous(), None


def _mask(query: torch.Tensor, key: torch.Tensor, most: int | None) -> torch.Tensor | None:
    """
    Mask of tokens that end where the keys end, in a layer that looks back at most `most` tokens (None: all): [queries, keys];
    None where plain causal attention does the same.
    """
    length, seen = query.shape[2], key.shape[2]
    if length == seen and (most is None or length <= most):
        return None
    back = torch.arange(seen - length, seen, device=query.device)[:, None] - torch.arange(seen, device=query.device)
    return (back >= 0) & (back < (seen if most is None else most))


def _attend_in_f32(
    module: torch.nn.Module, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, **options: Any
) -> tuple[torch.Tensor, None]:
    with torch.autocast(query.device.type, enabled=False):
        out, _ = _attend(module, query.float(), key.float(), value.float(), mask, **options)
    return out.to(query.dtype), None


for name, kernel in ((KERNEL, _attend), (KERNEL_IN_F32, _attend_in_f32)):
    AttentionInterface.register(name, kernel)
    AttentionMaskInterface.register(name, sdpa_mask)
