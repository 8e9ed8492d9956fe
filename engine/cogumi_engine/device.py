"""What the device can do, and how a job sets it up so that equal jobs give equal bytes."""

from typing import Literal

import torch
import torch.utils.deterministic


def has_bf16() -> bool:
    """Whether the device multiplies bf16 natively: a CPU with neither AMX nor AVX512-BF16 is slower with it (docs/log.md)."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    features = torch.cpu.get_capabilities()
    return bool(features.get("amx_tile") or features.get("avx512_bf16"))


def wants_bf16(precision: Literal["auto", "bf16", "f32"]) -> bool:
    """Whether training computes in bf16."""
    return precision == "bf16" or (precision == "auto" and has_bf16())


def prepare(seed: int, threads: int) -> None:
    """Seeds, a fixed number of threads and deterministic kernels: the same job gives the same bytes."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling every new tensor costs a fifth of a step, and nothing here reads what it has not written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
