"""Which rows form a step and a batch, and the batch's tensors. Plans depend only on seed and epoch, so a job can resume them."""

import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from cogumi_engine.rows import Example

# A group of rows is closed when padding passes this share of it, once its tokens or its padding are a quarter of the step
# (chosen: below, small matrix products cost more than padding does).
MOST_PADDING = 0.1
LEAST_GROUP = 1 / 4


@dataclass(frozen=True, kw_only=True)
class Batch:
    """
    Rows of tokens, padded on the right, where causal attention never looks.

    `ids`: [rows, length] int64; `weights`: [rows, length] f32, the weight of predicting each token, 0 for padding.
    Packed lines also have `positions`: [rows, length], counted from 0 in each document, and `documents`: [rows, length],
    the number of the document in its line, -1 for padding. `beginning`: length of the first document of the only line where
    the others continue it, each for itself; 0: none.
    """

    ids: torch.Tensor
    weights: torch.Tensor
    positions: torch.Tensor | None = None
    documents: torch.Tensor | None = None
    beginning: int = 0

    def to(self, device: str) -> "Batch":
        """The same batch on another device."""
        moved: dict[str, Any] = {name: value.to(device) for name, value in vars(self).items() if isinstance(value, torch.Tensor)}
        return replace(self, **moved)

    def without_weights(self) -> "Batch":
        """The same rows, of which nothing is learned."""
        return replace(self, weights=torch.zeros_like(self.weights))

    def total_weight(self) -> float:
        """Sum of the weights of all predicted tokens; nothing predicts the first of a line."""
        return float(self.weights[:, 1:].sum())


@dataclass(frozen=True)
class EpochPlan(Sequence[list[int]]):
    """The steps of one epoch as row numbers, in 4 bytes per row: `order` cut at `starts`."""

    order: "array[int]"
    starts: "array[int]"

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, step: int) -> list[int]:  # type: ignore[override]
        if not 0 <= step < len(self):
            raise IndexError(step)
        return self.order[self.starts[step] : self.starts[step + 1]].tolist()


def plan_epoch(lengths: Sequence[int], batch_tokens: int, seed: int, epoch: int, shuffle: bool = True) -> EpochPlan:
    """Each row once, in random or file order, in steps of at most `batch_tokens` tokens; a longer row is a step of its own."""
    order = array("i", range(len(lengths)))
    if shuffle:
        random.Random(f"{seed}/{epoch}").shuffle(order)
    starts = array("i")
    room = 0
    for at, row in enumerate(order):
        if lengths[row] > room or not starts:
            starts.append(at)
            room = batch_tokens
        room -= lengths[row]
    starts.append(len(order))
    return EpochPlan(order, starts)


def group_by_length(rows: Sequence[int], lengths: Sequence[int], batch_tokens: int) -> list[list[int]]:
    """The rows of a step in groups of similar length: little padding, while the step itself stays a random mix."""
    groups: list[list[int]] = []
    least, tokens = batch_tokens * LEAST_GROUP, 0
    for row in sorted(rows, key=lambda row: (lengths[row], row)):
        padding = lengths[row] * len(groups[-1]) - tokens if groups else 0
        wasteful = padding > (tokens + lengths[row]) * MOST_PADDING
        if not groups or (wasteful and max(tokens, padding) >= least):
            groups.append([])
            tokens = 0
        groups[-1].append(row)
        tokens += lengths[row]
    return groups


def cut_to_fit(lengths: Sequence[int], most_positions: int) -> Iterator[slice]:
    """
    Parts of consecutive rows that have at most `most_positions` positions, padding included; a longer row is a part of its
    own. `lengths`: the tokens of each row.
    """
    start = longest = 0
    for at, length in enumerate(lengths):
        longest = max(longest, length)
        if at > start and longest * (at - start + 1) > most_positions:
            yield slice(start, at)
            start, longest = at, length
    if lengths:
        yield slice(start, len(lengths))


def fit_lines(rows: Sequence[int], lengths: Sequence[int], line_tokens: int) -> list[list[int]]:
    """Rows in lines of at most `line_tokens` tokens, each in the first line with room for it; a longer row is a line of its own."""
    lines: list[list[int]] = []
    room: list[int] = []
    for row in rows:
        line = next((at for at, left in enumerate(room) if left >= lengths[row]), None)
        if line is None:
            lines.append([])
            room.append(line_tokens)
            line = len(lines) - 1
        lines[line].append(row)
        room[line] -= lengths[row]
    return lines


def pad(examples: Sequence[Example], padding: int) -> Batch:
    """One row per example, padded on the right to the longest."""
    length = max(len(example.ids) for example in examples)
    ids = np.full((len(examples), length), padding, np.int64)
    weights = np.zeros((len(examples), length), np.float32)
    for at, example in enumerate(examples):
        ids[at, : len(example.ids)] = example.ids
        weights[at, : len(example.ids)] = example.weights
    return Batch(ids=torch.from_numpy(ids), weights=torch.from_numpy(weights))


def pack(lines: Sequence[Sequence[Example]], padding: int) -> Batch:
    """One row per line, its examples end to end, each with positions from 0; nothing predicts the first token of an example."""
    length = max(sum(len(example.ids) for example in line) for line in lines)
    shape = (len(lines), length)
    ids, positions = np.full(shape, padding, np.int64), np.zeros(shape, np.int64)
    weights, documents = np.zeros(shape, np.float32), np.full(shape, -1, np.int64)
    for at, line in enumerate(lines):
        start = 0
        for number, example in enumerate(line):
            place = slice(start, start + len(example.ids))
            ids[at, place] = example.ids
            weights[at, place] = example.weights
            weights[at, start] = 0.0
            positions[at, place] = np.arange(len(example.ids))
            documents[at, place] = number
            start = place.stop
    return Batch(
        ids=torch.from_numpy(ids),
        weights=torch.from_numpy(weights),
        positions=torch.from_numpy(positions),
        documents=torch.from_numpy(documents),
    )
