"""GGUF back to tensors, so that adapters learn on what is served; see `DequantizeOptions` in the contracts."""

from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from cogumi_engine import converter
from cogumi_engine.job import Job
from cogumi_engine.models import copy_tokenizer


def run(job: Job) -> dict[str, Any]:
    # transformers reads GGUF through the gguf library: the one of the pinned release.
    converter.load("gguf")
    gguf, model = job.input("gguf"), job.input("model")
    tensors = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    # A plain model of the same shape: what transformers read from GGUF it will not write.
    plain = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(model), dtype=torch.float32)
    plain.load_state_dict(tensors.state_dict())
    plain.to(torch.bfloat16).save_pretrained(job.output)
    copy_tokenizer(model, job.output)
    parameters = sum(value.numel() for value in plain.parameters())
    return {"parameters": parameters, "architecture": type(plain).__name__}
