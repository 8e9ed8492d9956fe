"""What a person sees while training runs. Times and rates go here and into no file, because no two runs have the same."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from cogumi_engine.job import REPORT_EVERY_SECONDS


class Reporter(Protocol):
    """Receives figures during training; `Job` sends them on as events."""

    def progress(self, done: int, total: int, unit: str, tokens_per_second: float | None = None) -> None: ...

    def metric(self, name: str, step: int, value: float) -> None: ...


class Meter:
    """Reports how fast steps are; time between steps (validation, checkpoints) does not count."""

    def __init__(self, reporter: Reporter, steps: int) -> None:
        self.reporter = reporter
        self.steps = steps
        self.tokens = 0
        self.seconds = 0.0
        self.reported = 0.0

    @contextmanager
    def measure(self) -> Iterator[None]:
        """Measures the time of one step, its data included."""
        started = time.monotonic()
        yield
        self.seconds += time.monotonic() - started

    def report(self, done: int, tokens: int) -> None:
        """Counts the tokens of a step, and reports if the last report is old or this step is the last."""
        self.tokens += tokens
        now = time.monotonic()
        if now - self.reported < REPORT_EVERY_SECONDS and done < self.steps:
            return
        self.reporter.progress(done, self.steps, "steps", self.tokens / self.seconds)
        self.reported, self.tokens, self.seconds = now, 0, 0.0
