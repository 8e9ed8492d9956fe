"""GGUF back to tensors, so that adapters learn on what is served; see `DequantizeOptions` in the contracts."""

from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from cogumi_engine.gguf_file import known_to_transformers, open_gguf, plain_model
from cogumi_engine.job import Job
from cogumi_engine.models import copy_tokenizer, facts_of
from cogumi_engine.options import DequantizeOptions


def run(job: Job[DequantizeOptions]) -> dict[str, Any]:
    """Output: a Hugging Face folder in bf16, with the tokenizer of input `model`."""
    gguf, model = job.input("gguf"), job.input("model")
    with known_to_transformers(open_gguf(gguf)):
        tensors = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    plain = plain_model(AutoConfig.from_pretrained(model), tensors.state_dict())
    plain.to(torch.bfloat16).save_pretrained(job.output)
    copy_tokenizer(model, job.output)
    return facts_of(plain)
