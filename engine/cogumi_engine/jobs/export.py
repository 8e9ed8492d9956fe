"""Hugging Face folder to GGUF by llama.cpp's converter; see `ExportOptions` in the contracts."""

from typing import Any

from cogumi_engine import converter
from cogumi_engine.job import Job
from cogumi_engine.models import check_model
from cogumi_engine.options import ExportOptions


def run(job: Job[ExportOptions]) -> dict[str, Any]:
    """Output: `model.gguf`. Errors: QUANTIZED_BASE, LLAMA_SOURCE, CONVERT."""
    folder = job.input("model")
    check_model(folder)
    target = job.output / "model.gguf"
    with converter.known_as("model", folder) as path:
        arguments = [path, "--outfile", str(target), "--outtype", job.options.type, "--model-name", "model"]
        converter.run("convert_hf_to_gguf", arguments, job.options.pre_tokenizer)
    return {"bytes": target.stat().st_size}
