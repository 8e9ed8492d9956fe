"""What a text costs a model, in bits per byte: perplexities of two vocabularies do not compare."""

import math
from collections.abc import Sequence

import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase


def bits_per_byte(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str) -> float:
    """Bits that the model needs for the tokens after the first, by byte; 0 for a text of one token."""
    ids = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    if len(ids) < 2:
        return 0.0
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids[:-1]]), use_cache=False).logits[0].float()
    nats = float(nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="sum"))
    return nats / math.log(2) / len(text.encode())


def ratio_of_means(before: Sequence[float], after: Sequence[float]) -> tuple[float, float]:
    """Mean of `after` as a multiple of the mean of `before`, and its standard error (delta method, paired by text)."""
    count = len(before)
    old, new = sum(before) / count, sum(after) / count
    if old <= 0:
        return 1.0, 0.0
    ratio = new / old
    spread = sum((b - ratio * a) ** 2 for a, b in zip(before, after, strict=True)) / max(1, count - 1)
    return ratio, math.sqrt(spread / count) / old
