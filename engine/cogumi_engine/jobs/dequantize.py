"""GGUF back to tensors, so that adapters learn on what is served; see `DequantizeOptions` in the contracts."""

from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from cogumi_engine import converter
from cogumi_engine.job import Job
from cogumi_engine.models import copy_tokenizer
from cogumi_engine.options import DequantizeOptions


def run(job: Job[DequantizeOptions]) -> dict[str, Any]:
    """Output: a Hugging Face folder in bf16, with the tokenizer of input `model`."""
    # transformers reads GGUF through the gguf library; the pinned release has its own.
    converter.load("gguf")
    gguf, model = job.input("gguf"), job.input("model")
    tensors = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    # A plain model of the same shape, because transformers does not write a model that it read from GGUF.
    plain = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(model), dtype=torch.float32)
    plain.load_state_dict(tensors.state_dict())
    plain.to(torch.bfloat16).save_pretrained(job.output)
    copy_tokenizer(model, job.output)
    parameters = sum(value.numel() for value in plain.parameters())
    return {"parameters": parameters, "architecture": type(plain).__name__}
