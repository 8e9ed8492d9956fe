"""PEFT adapter to GGUF by llama.cpp's converter; see `ExportAdapterOptions` in the contracts."""

from typing import Any

from cogumi_engine import converter
from cogumi_engine.adapters import as_plain_lora, check_adapter
from cogumi_engine.job import Job
from cogumi_engine.options import ExportAdapterOptions


def run(job: Job[ExportAdapterOptions]) -> dict[str, Any]:
    """Output: `adapter.gguf`. Errors: those of the adapter; ADAPTER_KIND, LLAMA_SOURCE, CONVERT."""
    model, adapter = job.input("model"), job.input("adapter")
    check_adapter(adapter)
    target = job.output / "adapter.gguf"
    with as_plain_lora(adapter) as plain, converter.known_as("adapter", plain) as path:
        arguments = [path, "--base", str(model), "--outfile", str(target), "--outtype", job.options.type]
        converter.run("convert_lora_to_gguf", arguments)
    return {"bytes": target.stat().st_size}
