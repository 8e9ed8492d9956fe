"""Trains an adapter on a frozen full-precision base; see `TrainOptions` in the contracts."""

from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import PreTrainedModel

from cogumi_engine.adapters import attach, check_adapter, load_adapter, save_adapter
from cogumi_engine.attention import attend_in_f32
from cogumi_engine.decoder_layers import decoder_layers
from cogumi_engine.device import wants_bf16
from cogumi_engine.distributed import connect
from cogumi_engine.episodes import Episodes
from cogumi_engine.job import Job
from cogumi_engine.lora_product import use_lora_products
from cogumi_engine.losses import cross_entropy
from cogumi_engine.models import load_model, load_tokenizer
from cogumi_engine.options import TrainOptions
from cogumi_engine.training import make_trainer, train_epochs


def run(job: Job[TrainOptions]) -> dict[str, Any]:
    """Output: a PEFT folder and `losses.jsonl`. Errors: those of model, tokens and trainer."""
    options = job.options
    distributed = connect(job.device)
    bf16 = wants_bf16(options.precision, job.device)
    # The base is frozen: in the precision of its products, no pass converts it.
    # A base that is to be cut may be larger than a device: each layer goes there when it is cut.
    model = load_model(job.input("model"), "cpu" if job.shard else job.device, torch.bfloat16 if bf16 else torch.float32)
    tokenizer = load_tokenizer(job.input("model"))
    adapted = adapt(model, options, job.inputs.get("adapter"), job.device)
    if job.shard:
        distributed.shard(decoder_layers(model, "shard"))
        model.to(job.device)
    episodes = None if options.objective == "supervised" else Episodes(options, inner_parameters(model, options))
    trainer = make_trainer(job, model, cross_entropy, tokenizer, distributed, beginning_once=True, episodes=episodes)
    facts = train_epochs(job, trainer)
    if distributed.is_main:
        save_adapter(adapted, job.output)
        check_adapter(job.output)
    return {
        **facts,
        "rank": adapted.peft_config["default"].r,
        "targets": sorted(adapted.peft_config["default"].target_modules),
        "parameters": sum(value.numel() for value in model.parameters() if value.requires_grad),
    }


def adapt(model: PreTrainedModel, options: TrainOptions, start: Path | None = None, device: str | None = None) -> PeftModel:
    """
    Puts a new adapter into `model`, or the one in the folder `start`, with the forward passes that are fastest on
    `device` or its own. Errors: those of `attach` and `load_adapter`.
    """
    adapted = attach(model, options) if start is None else load_adapter(model, start, trainable=True)
    use_lora_products(adapted)
    if (device or model.device.type) == "cpu" and model.dtype == torch.bfloat16:
        attend_in_f32(model)
    return adapted


def inner_parameters(model: PreTrainedModel, options: TrainOptions) -> list[torch.nn.Parameter]:
    """What takes inner steps: the adapter, or with `anil` its last layer. Errors: MODEL_UNSUPPORTED."""
    part = decoder_layers(model, "train.objective")[-1] if options.objective == "anil" else model
    return [value for value in part.parameters() if value.requires_grad]
