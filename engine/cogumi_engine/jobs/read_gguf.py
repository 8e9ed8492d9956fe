"""A GGUF file as a model folder, its weights dequantized; see `ReadGgufOptions` in the contracts."""

import json
from pathlib import Path
from typing import Any

import numpy
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from cogumi_engine.errors import JobError
from cogumi_engine.files import write_jsonl
from cogumi_engine.gguf_file import known_to_transformers, open_gguf, plain_model
from cogumi_engine.gguf_tokenizer import Vocabulary, write_tokenizer
from cogumi_engine.job import Job
from cogumi_engine.models import facts_of
from cogumi_engine.options import ReadGgufOptions
from cogumi_engine.rows import token_ids


def run(job: Job[ReadGgufOptions]) -> dict[str, Any]:
    """
    Output: a Hugging Face folder in bf16, and in `work/ids.jsonl` the tokens of each of the texts.

    Errors: MODEL_CORRUPT, MODEL_UNSUPPORTED, NOT_FINITE, TOKENIZER_UNKNOWN.
    """
    path = job.input("gguf")
    try:
        reader = open_gguf(path)
    except (ValueError, IndexError, OverflowError) as cause:
        raise JobError("MODEL_CORRUPT", f"{path} is no whole GGUF file: {str(cause)[:200]}", "Fetch the file again.") from cause

    def field(name: str) -> Any:
        found = reader.fields.get(name)
        return None if found is None else found.contents()

    vocabulary = Vocabulary(field)
    architecture = field("general.architecture")
    vocabulary.context = field(f"{architecture}.context_length")
    write_tokenizer(vocabulary, job.output)
    tokenizer = AutoTokenizer.from_pretrained(job.output)
    texts = json.loads(job.input("texts").read_text("utf-8"))
    (job.output / "work").mkdir(exist_ok=True)
    write_jsonl(job.output / "work/ids.jsonl", [token_ids(tokenizer, text) for text in texts])
    with known_to_transformers(reader):
        model = _load(path, architecture)
    for name, weight in model.named_parameters():
        if not weight.isfinite().all():
            raise JobError("NOT_FINITE", f"{name} of {path} holds values that are not finite.", "Fetch the file again.")
    for name, value in model.config.to_dict().items():
        if isinstance(value, float):
            setattr(model.config, name, _shortest(value))
    model.config.name_or_path = ""
    model.to(torch.bfloat16).save_pretrained(job.output)
    types = sorted({tensor.tensor_type.name for tensor in reader.tensors if len(tensor.shape) > 1})
    return {**facts_of(model), "types": types, "context": vocabulary.context or 0}


def _load(path: Path, architecture: str) -> Any:
    """The weights in f32, in the plain model of the config that the file describes. Errors: MODEL_UNSUPPORTED, MODEL_CORRUPT."""
    try:
        config = AutoConfig.from_pretrained(path.parent, gguf_file=path.name)
        tensors = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    except (ValueError, KeyError, NotImplementedError) as cause:
        message = f"Models of the architecture {architecture} cannot be read from GGUF: {str(cause)[:200]}"
        raise JobError("MODEL_UNSUPPORTED", message, "Give the model as a folder in Hugging Face form.") from cause
    return plain_model(config, tensors.state_dict())


def _shortest(value: float) -> float:
    """GGUF holds f32: 1e-5 comes back as 9.99999974e-6."""
    return float(str(numpy.float32(value)))
