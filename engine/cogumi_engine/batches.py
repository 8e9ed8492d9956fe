"""Which rows are learned together, in which order: a function of seed and epoch alone, so that it can be resumed."""

import random
from dataclasses import dataclass

import torch

from cogumi_engine.rows import Example

# A group of rows is closed when padding passes this share of it, once it holds a quarter of the step (chosen: below, small
# matrix products cost more than padding does).
MOST_PADDING = 0.1
LEAST_GROUP = 1 / 4


@dataclass
class Batch:
    """
    `ids`, `weights`: [rows, length]; padding has weight 0 and lies right, where causal attention never looks. Packed lines
    have `positions` inside each row and `documents`, the number of the row inside its line (-1: padding), besides.
    """

    ids: torch.Tensor
    weights: torch.Tensor
    positions: torch.Tensor | None = None
    documents: torch.Tensor | None = None

    def to(self, device: str) -> "Batch":
        if device == "cpu":
            return self
        tensors = (self.ids, self.weights, self.positions, self.documents)
        return Batch(*(None if tensor is None else tensor.to(device) for tensor in tensors))


def plan_epoch(lengths: list[int], batch_tokens: int, seed: int, epoch: int, shuffle: bool = True) -> list[list[int]]:
    """Steps of row numbers with at most `batch_tokens` tokens together, in random order or the given one, each row once."""
    order = list(range(len(lengths)))
    if shuffle:
        random.Random(f"{seed}/{epoch}").shuffle(order)
    steps: list[list[int]] = []
    room = 0
    for row in order:
        if lengths[row] > room or not steps:
            steps.append([])
            room = batch_tokens
        steps[-1].append(row)
        room -= lengths[row]
    return steps


def group_by_length(rows: list[int], lengths: list[int], batch_tokens: int) -> list[list[int]]:
    """The rows of a step in groups of like length: little padding, while the step itself stays a random mix."""
    groups: list[list[int]] = []
    tokens = 0
    for row in sorted(rows, key=lambda row: (lengths[row], row)):
        padded = lengths[row] * (len(groups[-1]) + 1) if groups else 0
        full = groups and tokens >= batch_tokens * LEAST_GROUP and padded > (tokens + lengths[row]) * (1 + MOST_PADDING)
        if not groups or full:
            groups.append([])
            tokens = 0
        groups[-1].append(row)
        tokens += lengths[row]
    return groups


def batches_by_length(lengths: list[int], batch_tokens: int) -> list[list[int]]:
    """All rows once in groups of like length whose padded size stays within `batch_tokens`: for passes without training."""
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: (lengths[row], row)):
        if not batches or lengths[row] * (len(batches[-1]) + 1) > batch_tokens:
            batches.append([])
        batches[-1].append(row)
    return batches


def pad(examples: list[Example], padding: int) -> Batch:
    """Rows side by side, filled up on the right."""
    length = max(len(example.ids) for example in examples)
    ids = [example.ids + [padding] * (length - len(example.ids)) for example in examples]
    weights = [example.weights + [0.0] * (length - len(example.weights)) for example in examples]
    return Batch(torch.tensor(ids), torch.tensor(weights))


def pack(examples: list[Example], padding: int, row_tokens: int) -> Batch:
    """Rows end to end in lines of `row_tokens` (first fit), each with positions from 0 and attention to itself alone."""
    lines: list[list[Example]] = []
    room: list[int] = []
    for example in examples:
        size = len(example.ids)
        line = next((at for at, left in enumerate(room) if left >= size), None)
        if line is None:
            lines.append([])
            room.append(row_tokens)
            line = len(lines) - 1
        lines[line].append(example)
        room[line] -= size
    length = row_tokens - min(room)
    shape = (len(lines), length)
    ids = torch.full(shape, padding)
    weights = torch.zeros(shape)
    positions = torch.zeros(shape, dtype=torch.long)
    documents = torch.full(shape, -1)
    for at, line_examples in enumerate(lines):
        start = 0
        for number, example in enumerate(line_examples):
            end = start + len(example.ids)
            ids[at, start:end] = torch.tensor(example.ids)
            weights[at, start:end] = torch.tensor(example.weights)
            weights[at, start] = 0.0
            positions[at, start:end] = torch.arange(end - start)
            documents[at, start:end] = number
            start = end
    return Batch(ids, weights, positions, documents)


def attention_mask(documents: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """[lines, 1, length, length]: 0 where a token may look (its own row, not ahead), else the least number."""
    length = documents.shape[1]
    same = documents[:, :, None] == documents[:, None, :]
    ahead = torch.ones(length, length, dtype=torch.bool, device=documents.device).triu(1)
    allowed = same & ~ahead
    return torch.zeros(allowed.shape, dtype=dtype, device=documents.device).masked_fill(~allowed, torch.finfo(dtype).min)[:, None]
