"""What a text costs a model, in bits per byte: perplexities of two vocabularies do not compare."""

import math
from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from cogumi_engine.bpe_vocabulary import Kept
from cogumi_engine.proof import logits_of
from cogumi_engine.rows import token_ids


def bits_per_byte(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str) -> float:
    """Bits that the model needs for the tokens after the first, by byte; 0 for a text of one token."""
    ids = token_ids(tokenizer, text)
    return _bits(model, ids, ids, None) / len(text.encode())


def bits_per_byte_with(model: PreTrainedModel, trimmed: Tokenizer, kept: Kept, text: str) -> float:
    """The same of the model with only these tokens, which it still has all of."""
    ids = trimmed.encode(text, add_special_tokens=False).ids
    return _bits(model, [kept.ids[number] for number in ids], ids, torch.tensor(list(kept.ids))) / len(text.encode())


def _bits(model: PreTrainedModel, read: Sequence[int], targets: Sequence[int], columns: torch.Tensor | None) -> float:
    """`read`: ids of the model; `targets`: the same tokens as places among `columns` of the logits (None: all)."""
    if len(read) < 2:
        return 0.0
    logits = logits_of(model, read[:-1])
    chosen = logits if columns is None else logits[:, columns]
    return float(nn.functional.cross_entropy(chosen, torch.tensor(targets[1:]), reduction="sum")) / math.log(2)


def error_of_ratio(before: Sequence[float], after: Sequence[float]) -> float:
    """Standard error of the mean of `after` as a multiple of the mean of `before` (delta method, paired by text)."""
    count = len(before)
    old, new = sum(before) / count, sum(after) / count
    if old <= 0:
        return 0.0
    ratio = new / old
    spread = sum((b - ratio * a) ** 2 for a, b in zip(before, after, strict=True)) / max(1, count - 1)
    return math.sqrt(spread / count) / old
