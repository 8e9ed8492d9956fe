"""Trains an adapter on a frozen full-precision base; see `TrainOptions` in the contracts."""

from typing import Any

from cogumi_engine.adapters import attach, check_adapter, save_adapter
from cogumi_engine.attention import attend_in_f32
from cogumi_engine.device import wants_bf16
from cogumi_engine.distributed import connect
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
    model = load_model(job.input("model"), job.device)
    tokenizer = load_tokenizer(job.input("model"))
    adapted = attach(model, options)
    if not wants_bf16(options.precision):
        use_lora_products(adapted)
    elif job.device == "cpu":
        attend_in_f32(model)
    trainer = make_trainer(job, model, cross_entropy, tokenizer, distributed, beginning_once=True)
    facts = train_epochs(job, trainer)
    if distributed.is_main:
        save_adapter(adapted, job.output)
        check_adapter(job.output)
    return {
        **facts,
        "rank": options.rank,
        "targets": sorted(adapted.peft_config["default"].target_modules),
        "parameters": sum(value.numel() for value in model.parameters() if value.requires_grad),
    }
