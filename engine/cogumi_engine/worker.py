"""One warm process: it reads paths of job files from stdin, one per line, and writes events as JSON lines to descriptor 3."""

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

EVENTS = 3


def main() -> None:
    """Runs jobs one after another until stdin closes."""
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
    """Queues job paths; when stdin closes, this process ends at once, whatever it is doing."""
    for line in sys.stdin:
        if line.strip():
            paths.put(line.strip())
    os._exit(0)


def ready() -> dict[str, Any]:
    """Imports the slow libraries once and answers the event that names what results depend on."""
    import numpy
    import peft
    import safetensors
    import tokenizers
    import torch
    import transformers

    from cogumi_engine.device import prefers_bf16

    modules = (torch, transformers, peft, tokenizers, safetensors, numpy)
    versions = {module.__name__: str(module.__version__) for module in modules} | {"gguf": version("gguf")}
    cuda = torch.cuda.is_available()
    device = torch.cuda.get_device_name() if cuda else f"cpu {torch.backends.cpu.get_cpu_capability()}"
    return {"event": "ready", "versions": versions, "device": device, "bf16": prefers_bf16("cuda" if cuda else "cpu")}


def run(path: Path, emit: Any) -> dict[str, Any]:
    """Runs one job and answers its last event. Stack traces go to stderr, which is the log."""
    from cogumi_engine.device import prepare
    from cogumi_engine.errors import error_event
    from cogumi_engine.job import read_job

    try:
        job = read_job(path, emit)
        prepare(job.seed, job.threads, job.device)
        module = importlib.import_module(f"cogumi_engine.jobs.{job.name.replace('-', '_')}")
        return {"event": "done", "facts": module.run(job)}
    except Exception as error:  # noqa: BLE001 - whatever it is becomes an event
        traceback.print_exc()
        return error_event(error)


if __name__ == "__main__":
    main()
