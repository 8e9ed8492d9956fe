"""HF folder to GGUF by llama.cpp's converter; see `ExportOptions` in the contracts."""

from typing import Any

from cogumi_engine import converter
from cogumi_engine.job import Job
from cogumi_engine.models import check_model


def run(job: Job) -> dict[str, Any]:
    folder = job.input("model")
    check_model(folder)
    target = job.output / "model.gguf"
    with converter.known_as("model", folder) as path:
        arguments = [path, "--outfile", str(target), "--outtype", job.options["type"], "--model-name", "model"]
        converter.run("convert_hf_to_gguf", arguments, job.options["preTokenizer"])
    return {"bytes": target.stat().st_size}
