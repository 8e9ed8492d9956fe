"""Which tokens a vocabulary of a given size has, and what share of a text they cover."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cogumi_engine.bpe_vocabulary import BpeVocabulary

# Sizes that are written of the curve (chosen: a line of so many points looks smooth).
POINTS = 100


@dataclass
class Counts:
    """How often each token stands in texts, by source."""

    sources: dict[str, Counter[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Iterable[tuple[str, list[int]]]) -> "Counts":
        """`texts`: source and token ids."""
        counts = cls()
        for source, ids in texts:
            counts.sources.setdefault(source, Counter()).update(ids)
        return counts

    @property
    def all(self) -> Counter[int]:
        return sum(self.sources.values(), Counter())

    @property
    def total(self) -> int:
        return sum(sum(counter.values()) for counter in self.sources.values())

    def share(self, tokens: set[int]) -> float:
        """Share of all tokens that are among `tokens`; 1 of no text."""
        held = sum(count for counter in self.sources.values() for token, count in counter.items() if token in tokens)
        return _share(held, self.total)


@dataclass(frozen=True)
class Curve:
    """Vocabularies of rising size: what is needed anyway, then token by token in the order of their counts."""

    needed: set[int]
    # What each step adds: a token and what merging up to it goes through.
    steps: list[set[int]]
    counted: Counts
    measured: Counts
    points: list[dict[str, Any]]

    @classmethod
    def of(cls, vocabulary: BpeVocabulary, needed: set[int], counted: Counts, measured: Counts) -> "Curve":
        counts = counted.all
        # Rows that are not counted have tokens as well: of those never seen, the early merges are the more frequent ones.
        free = vocabulary.placeholders
        ranked = sorted(vocabulary.pieces, key=lambda token: (-counts[token], token in free, token))
        held, steps = set(needed), []
        for token in ranked:
            added = vocabulary.closed([token]) - held
            held |= added
            steps.append(added)
        return cls(needed, steps, counted, measured, list(_points(needed, steps, measured)))

    def at_size(self, most: int) -> set[int]:
        """The largest of the vocabularies with at most this many tokens."""
        held = set(self.needed)
        for added in self.steps:
            if len(held) + len(added) > most:
                break
            held |= added
        return held

    def at_coverage(self, least: float) -> set[int]:
        """
        The smallest of the vocabularies that covers this share of what was measured, and of what was counted: a few held-out texts
        alone would choose the words of those texts.
        """
        held = set(self.needed)
        both = [(texts.all, least * texts.total) for texts in (self.counted, self.measured)]
        covered = [sum(counts[token] for token in held) for counts, _ in both]
        for added in self.steps:
            if all(share >= wanted for share, (_, wanted) in zip(covered, both, strict=True)):
                break
            held |= added
            covered = [share + sum(counts[token] for token in added) for share, (counts, _) in zip(covered, both, strict=True)]
        return held


def _points(needed: set[int], steps: list[set[int]], measured: Counts) -> Iterator[dict[str, Any]]:
    """Size, coverage, and coverage by source, at about evenly spaced sizes."""
    sources = sorted(measured.sources.items())
    totals = [sum(counter.values()) for _, counter in sources]
    covered = [0] * len(sources)
    size, whole = 0, len(needed) + sum(map(len, steps))
    every, following = max(1, whole // POINTS), 0
    for added in [needed, *steps]:
        size += len(added)
        covered = [held + sum(counter[token] for token in added) for held, (_, counter) in zip(covered, sources, strict=True)]
        if size >= following or size == whole:
            shares = {source: _share(*counts) for (source, _), *counts in zip(sources, covered, totals, strict=True)}
            yield {"size": size, "coverage": _share(sum(covered), sum(totals)), "sources": shares}
            following = size + every


def _share(held: int, total: int) -> float:
    """1 of no text."""
    return held / total if total else 1.0
