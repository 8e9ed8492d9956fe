"""Checkpoints of a training job: written whole, read only by the job that they belong to."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from cogumi_engine.errors import JobError
from cogumi_engine.files import write_whole

# Version of what a checkpoint holds: one with another number is refused.
FORMAT = 2

# State of the generators of random numbers on the CPU and on the GPU, if there is one.
Random = tuple[torch.Tensor, torch.Tensor | None]


def random_state(device: str) -> Random:
    """The state of this process, which dropout draws from."""
    return torch.get_rng_state(), torch.cuda.get_rng_state() if device == "cuda" else None


@dataclass(frozen=True)
class Checkpoint:
    """
    The newest state of a job in `path`.

    `identity` is a digest of everything that the remaining steps depend on, except the base's weights.
    """

    path: Path
    identity: str
    device: str

    def save(self, state: dict[str, Any], random: list[Random]) -> None:
        """
        Replaces the checkpoint; a kill leaves the old one or the new one. `random`: the state of each process, by rank, because
        each drops out other values of other rows.
        """
        whole = {**state, "format": FORMAT, "job": self.identity, "random": random}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, lambda file: torch.save(whole, file))

    def load(self, rank: int) -> dict[str, Any] | None:
        """
        State of the checkpoint, or None if there is none; restores the random state of process `rank`.

        Errors: CHECKPOINT_CORRUPT, CHECKPOINT_FOREIGN.
        """
        if not self.path.exists():
            return None
        hint = f"Remove {self.path.parent} to start again."
        try:
            state: dict[str, Any] = torch.load(self.path, weights_only=True, map_location=self.device)
        except Exception as cause:  # torch raises whatever its parts raise
            raise JobError("CHECKPOINT_CORRUPT", f"{self.path} cannot be read: {str(cause)[:100]}", hint) from cause
        if state.get("format") != FORMAT:
            message = f"{self.path} is in format {state.get('format', 1)}; this engine continues format {FORMAT}."
            raise JobError("CHECKPOINT_FOREIGN", message, hint)
        if state["job"] != self.identity:
            raise JobError("CHECKPOINT_FOREIGN", f"{self.path} belongs to a job with other options, rows or seed.", hint)
        on_cpu, on_gpu = state["random"][rank]
        torch.set_rng_state(on_cpu.cpu())
        if on_gpu is not None:
            torch.cuda.set_rng_state(on_gpu.cpu())
        return state
