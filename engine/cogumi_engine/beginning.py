"""
The beginning that all rows of a set share, such as the system message of a chat template, is read once a pass and not once a row.

No token of it sees what follows, so its hidden states are the same for every row; each row attends to it and to itself, and its
gradient is the sum over the rows (as prefix sharing in inference: Kwon et al. 2023, arXiv:2309.06180, section 4.4). The losses
are those of whole rows up to rounding.
"""

from collections.abc import Sequence
from dataclasses import replace

from cogumi_engine.batches import Batch, pack
from cogumi_engine.rows import Example, Rows


def shared_beginning(rows: Rows) -> int:
    """Number of tokens that every row begins with and none learns from, less the one that predicts the first learned token."""
    first = rows[0].ids
    shared = len(first)
    for number in range(len(rows.lengths)):
        example = rows[number]
        learned = next((at for at, weight in enumerate(example.weights) if at > 0 and weight > 0), len(example.ids))
        shared = min(shared, learned - 1)
        shared = next((at for at in range(shared) if example.ids[at] != first[at]), shared)
        if shared == 0:
            break
    return shared


def read_once(examples: Sequence[Example], beginning: int, padding: int) -> Batch:
    """One line: the `beginning` first tokens of all examples, then the rest of each, which attends to them and to itself."""
    first, rests = examples[0], [Example(example.ids[beginning:], example.weights[beginning:]) for example in examples]
    batch = pack([[Example(first.ids[:beginning], first.weights[:beginning]), *rests]], padding)
    assert batch.positions is not None
    batch.positions[:, beginning:] += beginning
    return replace(batch, beginning=beginning)
