"""PEFT adapter to GGUF by llama.cpp's converter; see `ExportAdapterOptions` in the contracts."""

from typing import Any

from cogumi_engine import converter
from cogumi_engine.job import Job
from cogumi_engine.models import check_adapter


def run(job: Job) -> dict[str, Any]:
    model, adapter = job.input("model"), job.input("adapter")
    check_adapter(adapter)
    target = job.output / "adapter.gguf"
    with converter.known_as("adapter", adapter) as path:
        arguments = [path, "--base", str(model), "--outfile", str(target), "--outtype", job.options["type"]]
        converter.run("convert_lora_to_gguf", arguments)
    return {"bytes": target.stat().st_size}
