"""Checkpoints of a training job: written whole, read only by the job that they belong to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from cogumi_engine.errors import JobError
from cogumi_engine.files import write_whole


@dataclass(frozen=True)
class Checkpoint:
    """
    The newest state of a job in `path`.

    `identity` is a digest of everything that the remaining steps depend on, except the base's weights.
    """

    path: Path
    identity: str
    device: str

    def save(self, state: dict[str, Any]) -> None:
        """Replaces the checkpoint; a kill leaves the old one or the new one."""
        whole = {
            **state,
            "job": self.identity,
            "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state() if self.device == "cuda" else None,
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, lambda file: torch.save(whole, file))

    def load(self) -> dict[str, Any] | None:
        """
        State of the checkpoint, or None if there is none; restores the random state.

        Errors: CHECKPOINT_CORRUPT, CHECKPOINT_FOREIGN.
        """
        if not self.path.exists():
            return None
        hint = f"Remove {self.path.parent} to start again."
        try:
            state: dict[str, Any] = torch.load(self.path, weights_only=True, map_location=self.device)
        except Exception as cause:  # torch raises whatever its parts raise
            raise JobError("CHECKPOINT_CORRUPT", f"{self.path} cannot be read: {str(cause)[:100]}", hint) from cause
        if state["job"] != self.identity:
            raise JobError("CHECKPOINT_FOREIGN", f"{self.path} belongs to a job with other options, rows or seed.", hint)
        torch.set_rng_state(state["random"].cpu())
        if state["random_cuda"] is not None:
            torch.cuda.set_rng_state(state["random_cuda"].cpu())
        return state
