"""PEFT adapter to GGUF by llama.cpp's converter; see `ExportAdapterOptions` in the contracts."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from cogumi_engine import converter
from cogumi_engine.adapters import as_plain_lora, check_adapter
from cogumi_engine.job import Job
from cogumi_engine.options import ExportAdapterOptions

# Names the base in the file; `cogumi serve` refuses the adapter beside another one.
BASE = "cogumi.base.digest"


def run(job: Job[ExportAdapterOptions]) -> dict[str, Any]:
    """Output: `adapter.gguf`. Errors: those of the adapter; ADAPTER_KIND, LLAMA_SOURCE, CONVERT."""
    model, adapter = job.input("model"), job.input("adapter")
    check_adapter(adapter)
    target = job.output / "adapter.gguf"
    kind = "f32" if job.options.type == "f16" and not _fits_half(adapter) else job.options.type
    fields = {} if job.options.base is None else {BASE: job.options.base}
    with converter.known_as("adapter", adapter, as_plain_lora(adapter)) as path:
        arguments = [path, "--base", str(model), "--outfile", str(target), "--outtype", kind]
        converter.run("convert_lora_to_gguf", arguments, fields=fields)
    return {"bytes": target.stat().st_size, "type": kind}


def _fits_half(adapter: Path) -> bool:
    """Whether no value becomes infinite in 16 bits."""
    most = torch.finfo(torch.float16).max
    return all(bool((tensor.abs() <= most).all()) for tensor in load_file(adapter / "adapter_model.safetensors").values())
