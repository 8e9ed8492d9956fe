"""The loss of models on running text that nothing was trained on."""

from pathlib import Path

import torch
from torch import nn
from transformers import PreTrainedTokenizerBase

from cogumi_engine.errors import JobError
from cogumi_engine.proof import logits_of
from cogumi_engine.rows import token_ids

# Tokens of a window: long enough that most of them have a context, short enough for an interval over many (chosen).
WINDOW_TOKENS = 128
# Fewest windows that give an interval (chosen).
LEAST_WINDOWS = 4


def windows_of(tokenizer: PreTrainedTokenizerBase, path: Path, most_tokens: int) -> torch.Tensor:
    """The beginning of a text as windows [windows, WINDOW_TOKENS + 1] of tokens. Error: PROSE_UNREADABLE."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as cause:
        raise JobError("PROSE_UNREADABLE", f"{path} is not text in UTF-8: {cause}.", "Give a plain text file.") from cause
    ids = token_ids(tokenizer, text[: 16 * most_tokens])
    length = WINDOW_TOKENS + 1
    count = min(most_tokens, len(ids)) // length
    if count < LEAST_WINDOWS:
        needed = LEAST_WINDOWS * length
        raise JobError("PROSE_UNREADABLE", f"{path} has {len(ids)} tokens; {needed} are needed.", "Give a longer text.")
    return torch.tensor(ids[: count * length]).view(count, length)


def window_losses(model: nn.Module, windows: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy [windows] of the tokens after the first of each window, in nats."""
    return torch.stack([nn.functional.cross_entropy(logits_of(model, window[:-1]), window[1:]) for window in windows])


def compare_losses(base: torch.Tensor, tuned: torch.Tensor) -> dict[str, float]:
    """The facts of the prose in `MergeOptions`; both: losses [windows]."""
    difference = tuned - base
    return {
        "proseWindows": len(base),
        "proseLossOfBase": float(base.mean()),
        "proseLoss": float(tuned.mean()),
        "proseError": float(difference.std() / len(difference) ** 0.5),
    }
