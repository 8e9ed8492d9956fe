"""Learning rate of each step."""

import math

from cogumi_engine.options import LoopOptions


def learning_rate(step: int, steps: int, options: LoopOptions) -> float:
    """Rate of step number `step` (from 0) of `steps`: a linear warm-up to the peak, then a cosine to `final_fraction` of it."""
    peak, final = options.learning_rate, options.final_fraction
    warmup = max(1, round(steps * options.warmup_fraction))
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return peak * (final + (1 - final) * 0.5 * (1 + math.cos(math.pi * progress)))
