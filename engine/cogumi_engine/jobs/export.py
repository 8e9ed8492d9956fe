"""Hugging Face folder to GGUF by llama.cpp's converter; see `ExportOptions` in the contracts."""

from pathlib import Path
from typing import Any

from cogumi_engine import converter
from cogumi_engine.job import Job
from cogumi_engine.models import check_model, read_config
from cogumi_engine.options import ExportOptions
from cogumi_engine.pre_tokenizer import read_pre_tokenizer

# Architectures whose sliding window llama.cpp leaves out: Mistral is a plain `llama` there, and `phi3` sets its window to 0
# (https://github.com/ggml-org/llama.cpp/pull/13676).
WITHOUT_WINDOW = {"MistralForCausalLM", "Phi3ForCausalLM"}


def run(job: Job[ExportOptions]) -> dict[str, Any]:
    """Output: `model.gguf`. Errors: QUANTIZED_BASE, LLAMA_SOURCE, CONVERT."""
    folder = job.input("model")
    check_model(folder)
    target = job.output / "model.gguf"
    with converter.known_as("model", folder, inside_window(folder, job)) as path:
        arguments = [path, "--outfile", str(target), "--outtype", job.options.type, "--model-name", name_in_file(folder)]
        converter.run("convert_hf_to_gguf", arguments, job.options.pre_tokenizer or read_pre_tokenizer(folder))
    return {"bytes": target.stat().st_size}


def name_in_file(folder: Path) -> str:
    """
    `general.name` of the file. Some control tokens take the spaces behind them away (`rstrip`); GGUF cannot say so, and llama.cpp
    does it for models that are called phi-3 (llama-vocab.cpp).
    """
    config = read_config(folder / "config.json")
    path = folder / "tokenizer.json"
    if config.get("architectures") != ["Phi3ForCausalLM"] or not path.exists():
        return "model"
    added = read_config(path).get("added_tokens", [])
    return "phi-3" if any(token.get("rstrip") for token in added) else "model"


def inside_window(folder: Path, job: Job[Any]) -> dict[str, Any]:
    """
    A config.json whose context ends where the sliding window does, if llama.cpp would leave the window out: up to there every
    token sees all before it in both, and no further is the file the model that was trained.
    """
    config = read_config(folder / "config.json")
    window, context = config.get("sliding_window"), config.get("max_position_embeddings")
    name = (config.get("architectures") or [""])[0]
    if name not in WITHOUT_WINDOW or not window or not context or window >= context:
        return {}
    model = f"the exported model has a context of {window} tokens, not {context}"
    job.warn(f"llama.cpp leaves the sliding window of {name} out: {model}.")
    return {"config.json": {**config, "max_position_embeddings": window}}
