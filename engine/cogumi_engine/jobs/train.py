"""LoRA on a frozen full-precision base; see `TrainOptions` in the contracts."""

import json
import math
from typing import Any

from peft import LoraConfig, get_peft_model

from cogumi_engine.batches import plan_epoch
from cogumi_engine.files import write_json
from cogumi_engine.job import Job
from cogumi_engine.loop import Trainer, wants_bf16
from cogumi_engine.models import attend_in_f32, check_adapter, linear_names, load_model, load_tokenizer
from cogumi_engine.rows import load_examples


def run(job: Job) -> dict[str, Any]:
    options = job.options
    folder = job.input("model")
    model = load_model(folder, job.device)
    tokenizer = load_tokenizer(folder)
    rows, too_long = load_examples(job, "rows", tokenizer)
    validation, _ = load_examples(job, "validation", tokenizer)
    if too_long:
        job.warn(f"{too_long} rows are longer than {options['maxRowTokens']} tokens and were left out")
    targets = linear_names(model)
    lora = LoraConfig(r=options["rank"], lora_alpha=options["alpha"], target_modules=targets, task_type="CAUSAL_LM")
    model = get_peft_model(model, lora)
    bf16 = wants_bf16(job)
    if bf16 and job.device == "cpu":
        attend_in_f32(model)
    trainer = Trainer(job, _Bare(model), rows, validation, int(tokenizer.pad_token_id or 0), bf16)
    batches = len(plan_epoch([len(row.ids) for row in rows], options["batchTokens"], job.seed, 0))
    steps = math.ceil(options["epochs"] * batches)
    if options["maxSteps"] is not None:
        steps = min(steps, options["maxSteps"])
    facts = trainer.train(steps)
    model.save_pretrained(job.output)
    _tidy(job)
    check_adapter(job.output)
    trainable = sum(value.numel() for value in model.parameters() if value.requires_grad)
    return {**facts, "rows": len(rows), "tooLong": too_long, "rank": options["rank"], "targets": targets, "parameters": trainable}


class _Bare:
    """The model inside PEFT's wrapper: decoder and head apart, so that logits are made where they count alone."""

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped
        self._model = wrapped.get_base_model()

    def __call__(self, **inputs: Any) -> Any:
        return self._model(**inputs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model if name in ("config", "dtype", "get_decoder", "get_output_embeddings") else self._wrapped, name)


def _tidy(job: Job) -> None:
    """PEFT writes the path of the base and a card full of blanks; an artifact holds neither."""
    path = job.output / "adapter_config.json"
    config = json.loads(path.read_text("utf-8"))
    config["base_model_name_or_path"] = "base"
    config["target_modules"] = sorted(config["target_modules"])
    write_json(path, config)
    (job.output / "README.md").unlink(missing_ok=True)
