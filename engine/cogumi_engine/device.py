"""What the device can do, and how a job sets it up so that equal jobs give equal bytes."""

import os
from typing import Literal

import torch
import torch.utils.deterministic


def has_bf16(device: str) -> bool:
    """Whether the device multiplies bf16 natively: a CPU with neither AMX nor AVX512-BF16 is slower with it (docs/log.md)."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    features = torch.cpu.get_capabilities()
    return bool(features.get("amx_tile") or features.get("avx512_bf16"))


def wants_bf16(precision: Literal["auto", "bf16", "f32"], device: str) -> bool:
    """Whether training computes in bf16."""
    return precision == "bf16" or (precision == "auto" and has_bf16(device))


def prepare(seed: int, threads: int, device: str = "cpu") -> None:
    """Seeds, a fixed number of threads and deterministic kernels: the same job gives the same bytes."""
    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    # What cuBLAS needs for it; read when it is first used.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # On a GPU, the backward passes of attention sum in any order as long as there is only a warning.
    torch.use_deterministic_algorithms(True, warn_only=device == "cpu")
    # Filling every new tensor costs a fifth of a step, and nothing here reads what it has not written.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
