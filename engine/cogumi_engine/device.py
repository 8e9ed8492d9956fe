"""What the device can do, and how a job sets it up so that equal jobs give equal bytes."""

import os
from functools import cache
from time import thread_time
from typing import Literal

import torch
import torch.utils.deterministic
from torch import nn

# Products in bf16 have to be this much faster than in f32, since only they gain: a step converts weights and inputs as well. Chosen
# between what was measured with AVX512-BF16: 0.5 on an Intel Xeon without AMX (a step 0.7 times as fast), 2.5 on an AMD EPYC (1.4).
LEAST_GAIN = 1.5
# Rows, inputs and outputs of a measured product, about those of a layer of a small model; and how often it is timed.
PRODUCT = (256, 576, 1536)
ROUNDS = 7


@cache
def prefers_bf16(device: str) -> bool:
    """Whether training in bf16 is faster on the device; on a CPU that has such instructions it is measured, once a process."""
    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    features = torch.cpu.get_capabilities()
    return bool(features.get("amx_tile") or features.get("avx512_bf16")) and bf16_gain() >= LEAST_GAIN


def bf16_gain() -> float:
    """
    How much faster a product is in bf16 than in f32 on the CPU, by the best time of each, measured in turn.

    The time that one thread has on the processor: on a busy machine it stays at 0.6 where the clock on the wall gave 0.2 to 10.
    """
    rows, inputs, outputs = PRODUCT
    best = {torch.float32: float("inf"), torch.bfloat16: float("inf")}
    pairs = {dtype: (torch.ones(rows, inputs, dtype=dtype), torch.ones(outputs, inputs, dtype=dtype)) for dtype in best}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    # The first round only warms up.
    for timed in range(ROUNDS + 1):
        for dtype, (left, right) in pairs.items():
            start = thread_time()
            nn.functional.linear(left, right)
            if timed:
                best[dtype] = min(best[dtype], thread_time() - start)
    torch.set_num_threads(threads)
    return best[torch.float32] / best[torch.bfloat16]


def wants_bf16(precision: Literal["auto", "bf16", "f32"], device: str) -> bool:
    """Whether training computes in bf16."""
    return precision == "bf16" or (precision == "auto" and prefers_bf16(device))


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
