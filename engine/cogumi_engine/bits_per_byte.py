"""What a text costs a model, in bits per byte: perplexities of two vocabularies do not compare."""

import math
from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import PreTrainedModel

from cogumi_engine.bpe_vocabulary import Kept
from cogumi_engine.passages import Passage
from cogumi_engine.proof import logits_of
from cogumi_engine.rows import Example


def bits_per_byte(model: PreTrainedModel, tokenizer: Tokenizer, passage: Passage) -> float:
    """Bits that the model needs for the tokens that count, by byte of them; nothing predicts the first token of the text."""
    example = passage.encode(tokenizer)
    return _bits(model, example.ids, example, None) / passage.bytes()


def bits_per_byte_with(model: PreTrainedModel, trimmed: Tokenizer, kept: Kept, passage: Passage) -> float:
    """The same of the model with only these tokens, which it still has all of."""
    example = passage.encode(trimmed)
    return _bits(model, [kept.ids[number] for number in example.ids], example, torch.tensor(list(kept.ids))) / passage.bytes()


def _bits(model: PreTrainedModel, read: Sequence[int], wanted: Example, columns: torch.Tensor | None) -> float:
    """`read`: ids of the model; `wanted`: the same tokens as places among `columns` of the logits (None: all)."""
    if len(read) < 2:
        return 0.0
    logits = logits_of(model, read[:-1])
    chosen = logits if columns is None else logits[:, columns]
    losses = nn.functional.cross_entropy(chosen, torch.tensor(wanted.ids[1:]), reduction="none")
    return float((losses * torch.tensor(wanted.weights[1:])).sum()) / math.log(2)


def error_of_ratio(before: Sequence[float], after: Sequence[float]) -> float:
    """Standard error of the mean of `after` as a multiple of the mean of `before` (delta method, paired by text)."""
    count = len(before)
    old, new = sum(before) / count, sum(after) / count
    if old <= 0:
        return 0.0
    ratio = new / old
    spread = sum((b - ratio * a) ** 2 for a, b in zip(before, after, strict=True)) / max(1, count - 1)
    return math.sqrt(spread / count) / old
