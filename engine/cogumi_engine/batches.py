"""Which rows are learned together, in which order: a function of seed and epoch alone, so that it can be resumed."""

import random
from dataclasses import dataclass

import torch

from cogumi_engine.rows import Example

# Rows are sorted by length inside windows of so many batches: little padding, and order stays close to random (chosen).
WINDOW_BATCHES = 40


@dataclass
class Batch:
    """`ids`, `targets`, `weights`: [rows, length]; padding has weight 0 and lies right, where causal attention never looks."""

    ids: torch.Tensor
    weights: torch.Tensor
    positions: torch.Tensor | None = None
    documents: torch.Tensor | None = None


def plan_epoch(lengths: list[int], batch_tokens: int, seed: int, epoch: int) -> list[list[int]]:
    """Batches of row numbers whose padded size stays within `batch_tokens`, each row once."""
    chance = random.Random(f"{seed}/{epoch}")
    order = list(range(len(lengths)))
    chance.shuffle(order)
    mean = sum(lengths) / len(lengths)
    window = max(1, int(WINDOW_BATCHES * batch_tokens / mean))
    batches: list[list[int]] = []
    for start in range(0, len(order), window):
        batch: list[int] = []
        for row in sorted(order[start : start + window], key=lambda row: lengths[row]):
            if batch and lengths[row] * (len(batch) + 1) > batch_tokens:
                batches.append(batch)
                batch = []
            batch.append(row)
        batches.append(batch)
    chance.shuffle(batches)
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
    ahead = torch.ones(length, length, dtype=torch.bool).triu(1)
    allowed = same & ~ahead
    return torch.zeros(allowed.shape, dtype=dtype).masked_fill(~allowed, torch.finfo(dtype).min)[:, None]
