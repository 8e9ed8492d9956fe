"""One warm process: a job-file path a line on stdin, JSON lines of events on descriptor 3, nothing on stdout."""

import importlib
import json
import os
import sys
import threading
import traceback
from importlib.metadata import version
from pathlib import Path
from queue import Queue
from typing import Any

from cogumi_engine.errors import error_event

EVENTS = 3


def main() -> None:
    lock = threading.Lock()

    def emit(event: dict[str, Any]) -> None:
        with lock:
            data = (json.dumps(event, allow_nan=False) + "\n").encode()
            while data:
                data = data[os.write(EVENTS, data) :]

    paths: Queue[str] = Queue()
    threading.Thread(target=_read_paths, args=(paths,), daemon=True).start()
    emit(ready())
    while True:
        emit(run(Path(paths.get()), emit))


def _read_paths(paths: "Queue[str]") -> None:
    """Hands on job paths; when the other side is gone, so is this process, whatever it is doing."""
    for line in sys.stdin:
        if line.strip():
            paths.put(line.strip())
    os._exit(0)


def ready() -> dict[str, Any]:
    """Imports what costs seconds, once, and tells what results depend on."""
    import numpy
    import peft
    import safetensors
    import tokenizers
    import torch
    import transformers

    modules = (torch, transformers, peft, tokenizers, safetensors, numpy)
    versions = {module.__name__: str(module.__version__) for module in modules} | {"gguf": version("gguf")}
    cuda = torch.cuda.is_available()
    device = torch.cuda.get_device_name() if cuda else f"cpu {torch.backends.cpu.get_cpu_capability()}"
    return {"event": "ready", "versions": versions, "device": device, "bf16": has_bf16()}


def has_bf16() -> bool:
    """Whether the device multiplies bf16 natively: a CPU with neither AMX nor AVX512-BF16 is slower with it (docs/log.md)."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())


def run(path: Path, emit: Any) -> dict[str, Any]:
    """Runs one job to its last event. Traces go to stderr, which is the log."""
    from cogumi_engine.job import read_job

    try:
        job = read_job(path, emit)
        prepare(job)
        module = importlib.import_module(f"cogumi_engine.jobs.{job.name.replace('-', '_')}")
        return {"event": "done", "facts": module.run(job)}
    except Exception as error:  # noqa: BLE001 - the last door: whatever it is becomes an event
        traceback.print_exc()
        return error_event(error)


def prepare(job: Any) -> None:
    """Same job, same bytes: seeds, a fixed number of threads, deterministic kernels."""
    import torch

    torch.set_num_threads(job.threads)
    torch.manual_seed(job.seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Filling every new tensor costs a fifth of a step, and nothing here reads what it has not written.
    torch.utils.deterministic.fill_uninitialized_memory = False


if __name__ == "__main__":
    main()
