"""Rows on their way into the model: the micro batches of each step, and of a pass over held-out rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cogumi_engine.batches import Batch, cut_to_fit, fit_lines, group_by_length, pack, pad, plan_epoch
from cogumi_engine.beginning import read_once
from cogumi_engine.episodes import Episodes
from cogumi_engine.options import LoopOptions
from cogumi_engine.rows import Rows


@dataclass(frozen=True)
class Step:
    """
    Micro batches of one optimizer step that this process learns from: of each part of each episode, or of the only part of one.

    `tokens` counts the tokens of all processes, padding not counted.
    """

    tokens: int
    episodes: list[list[list[Batch]]]

    @property
    def batches(self) -> list[Batch]:
        """All micro batches of the step."""
        return [batch for parts in self.episodes for part in parts for batch in part]


@dataclass(frozen=True, kw_only=True)
class Batches:
    """
    Turns rows into batches, as the options say.

    Process `rank` of `world_size` takes every `world_size`-th row of a step, so that all of them together see each row once.
    `beginning`: the tokens that all rows share and that a pass reads once (`beginning.shared_beginning`); 0: none. Rows then
    lie end to end, whatever `batching` says. `episodes`: how steps of meta-learning are cut; None: rows of all kinds together.
    `passes`: of `Distributed`.
    """

    rows: Rows
    options: LoopOptions
    padding: int
    seed: int
    device: str
    rank: int = 0
    world_size: int = 1
    beginning: int = 0
    episodes: Episodes | None = None
    passes: Callable[[int], int] = int

    def steps(self, skip: int = 0) -> Iterator[Step]:
        """Steps of one epoch after another without end, from number `skip` on."""
        epoch = 0
        while True:
            plan = self._plan(epoch)
            for number in range(skip, len(plan)):
                yield self._step(plan[number] if self.episodes else [[plan[number]]])
            skip = max(0, skip - len(plan))
            epoch += 1

    def steps_per_epoch(self) -> int:
        """Number of steps in which each row is seen once."""
        return len(self._plan(0))

    def once(self) -> Iterator[Batch]:
        """Every row once, always in the same order: for validation."""
        for rows in plan_epoch(self.rows.lengths, self.options.batch_tokens, 0, 0):
            yield from self._step([[rows]]).batches

    def _plan(self, epoch: int) -> Sequence[Any]:
        if self.episodes is not None:
            return self.episodes.plan(self.rows.lengths, self.seed, epoch)
        return plan_epoch(self.rows.lengths, self.options.batch_tokens, self.seed, epoch, self.options.order == "random")

    def _step(self, episodes: list[list[list[int]]]) -> Step:
        tokens = sum(self.rows.lengths[row] for parts in episodes for rows in parts for row in rows)
        return Step(tokens, [[self._batches(rows) for rows in parts] for parts in episodes])

    def _batches(self, rows: list[int]) -> list[Batch]:
        own = list(self._made(rows[self.rank :: self.world_size]))
        idle = self.passes(len(own)) - len(own)
        if idle > 0:
            own += [next(self._made(rows[:1])).without_weights()] * idle
        return [batch.to(self.device) for batch in own]

    def _made(self, rows: list[int]) -> Iterator[Batch]:
        if self.beginning > 0:
            return self._behind_beginning(rows)
        return self._packed(rows) if self.options.batching == "pack" else self._padded(rows)

    @property
    def _most_positions(self) -> int:
        """Most positions of one forward and backward pass, padding included."""
        return self.options.micro_batch_tokens or self.options.batch_tokens

    def _padded(self, rows: list[int]) -> Iterator[Batch]:
        for group in group_by_length(rows, self.rows.lengths, self.options.batch_tokens):
            for part in cut_to_fit([self.rows.lengths[row] for row in group], self._most_positions):
                yield pad([self.rows[row] for row in group[part]], self.padding)

    def _packed(self, rows: list[int]) -> Iterator[Batch]:
        lines = fit_lines(rows, self.rows.lengths, min(self.options.max_row_tokens, self._most_positions))
        for part in cut_to_fit([sum(self.rows.lengths[row] for row in line) for line in lines], self._most_positions):
            yield pack([[self.rows[row] for row in line] for line in lines[part]], self.padding)

    def _behind_beginning(self, rows: list[int]) -> Iterator[Batch]:
        lengths = [self.rows.lengths[row] - self.beginning for row in rows]
        for part in fit_lines(range(len(rows)), lengths, self._most_positions - self.beginning):
            yield read_once([self.rows[rows[at]] for at in part], self.beginning, self.padding)
