"""
First-order meta-learning: a start from which few examples of a new kind teach much.

A step learns from episodes, each of rows of one kind and cut into parts. The adapter takes inner steps on one part after another,
then goes back to where it was. The optimizer gets the gradient of the last part, after the parts before it were learned: MAML of
first order (Finn et al. 2017, arXiv:1703.03400), or ANIL (Raghu et al. 2020, arXiv:1909.09157) where only the last layer takes
inner steps. Or it gets the mean gradient of all parts, the way that the inner steps go: Reptile (Nichol et al. 2018,
arXiv:1803.02999).
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from cogumi_engine.batches import Batch, plan_epoch
from cogumi_engine.errors import JobError
from cogumi_engine.losses import Totals
from cogumi_engine.options import TrainOptions
from cogumi_engine.rows import read_rows


@dataclass(frozen=True)
class Episodes:
    """`inner`: the parameters that take inner steps; `kinds`: what each row is of, as a number."""

    options: TrainOptions
    inner: Sequence[torch.nn.Parameter]
    kinds: Sequence[int] = ()

    def of_rows(self, path: Path, left_out: Sequence[int]) -> "Episodes":
        """The episodes of a JSONL file of which some lines are left out. Errors: EPISODES_ALIKE."""
        field = self.options.episodes_of
        gone = set(left_out)
        names = [str(row.get(field)) for number, row in enumerate(read_rows(path)) if number not in gone]
        kinds = {name: kind for kind, name in enumerate(sorted(set(names)))}
        if len(kinds) < 2:
            message = f"All {len(names)} rows of {path.name} have the {field} {names[0]}; episodes need two kinds at least."
            raise JobError("EPISODES_ALIKE", message, "Set `objective: supervised`, or another `episodesOf`.")
        return replace(self, kinds=[kinds[name] for name in names])

    def plan(self, lengths: Sequence[int], seed: int, epoch: int) -> list[list[list[list[int]]]]:
        """Each row once, in random order: the steps of an epoch, their episodes, the parts of these, and the rows of a part."""
        together, parts = self.options.episodes_per_step, self.options.inner_steps + 1
        episodes = []
        for kind in sorted(set(self.kinds)):
            own = [row for row, of in enumerate(self.kinds) if of == kind]
            for rows in plan_epoch([lengths[row] for row in own], self.options.batch_tokens // together, seed, epoch):
                episodes.append([[own[row] for row in rows[at::parts]] for at in range(min(parts, len(rows)))])
        random.Random(f"{seed}/{epoch}").shuffle(episodes)
        return [episodes[at : at + together] for at in range(0, len(episodes), together)]

    def backward(
        self,
        episodes: Sequence[Sequence[list[Batch]]],
        parameters: Sequence[torch.nn.Parameter],
        totals: Totals,
        backward: Callable[[list[Batch], Totals], None],
    ) -> None:
        """
        Puts the gradient of a step into `parameters`, which keep their values, and adds to `totals` the losses of the last parts,
        after the inner steps. `backward` adds the gradients of the mean loss of batches, and its sums to totals.
        """
        sums = [torch.zeros_like(value) for value in parameters]
        for parts in episodes:
            start = [value.detach().clone() for value in parameters]
            share = 1 / len(episodes) / (len(parts) if self.options.objective == "reptile" else 1)
            for number, part in enumerate(parts, 1):
                for value in parameters:
                    value.grad = torch.zeros_like(value)
                backward(part, totals if number == len(parts) else Totals())
                if number == len(parts) or self.options.objective == "reptile":
                    _add(sums, [value.grad for value in parameters], share)
                if number < len(parts):
                    _add(self.inner, [value.grad for value in self.inner], -self.options.inner_rate)
            with torch.no_grad():
                torch._foreach_copy_(list(parameters), start)
        for value, gradient in zip(parameters, sums, strict=True):
            value.grad = gradient


@torch.no_grad()
def _add(values: Sequence[torch.Tensor], changes: Sequence[torch.Tensor | None], share: float) -> None:
    """Adds a share of each change; None changes nothing."""
    for value, change in zip(values, changes, strict=True):
        if change is not None:
            value.add_(change, alpha=share)
