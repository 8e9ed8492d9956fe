"""Makes a draft model of a model: some of its layers, distilled from all of them; see `DraftOptions` in the contracts."""

import copy
from typing import Any

from transformers import PreTrainedModel

from cogumi_engine.attention import attend_in_f32
from cogumi_engine.decoder_layers import decoder_layers, keep_layers
from cogumi_engine.device import wants_bf16
from cogumi_engine.distillation import distillation
from cogumi_engine.distributed import connect
from cogumi_engine.errors import JobError
from cogumi_engine.job import Job
from cogumi_engine.models import facts_of, load_model, load_tokenizer, save_model
from cogumi_engine.options import DraftOptions
from cogumi_engine.training import make_trainer, train_epochs

# Share of the layers that stay where the recipe names no number (chosen: a pass then takes about a third of one of the model).
SHARE = 0.25


def run(job: Job[DraftOptions]) -> dict[str, Any]:
    """Output: a Hugging Face folder and `losses.jsonl`. Errors: those of model, tokens and trainer; TOO_FEW_LAYERS."""
    options, folder = job.options, job.input("model")
    distributed = connect(job.device)
    teacher, tokenizer = load_model(folder, job.device), load_tokenizer(folder)
    if job.device == "cpu" and wants_bf16(options.precision, job.device):
        attend_in_f32(teacher)
    count = len(decoder_layers(teacher, "draft"))
    kept = _spread(count, options.layers or max(1, round(SHARE * count)))
    teacher.requires_grad_(False)
    student = _student(teacher, kept)
    trainer = make_trainer(job, student, distillation(teacher), tokenizer, distributed, beginning_once=True)
    facts = train_epochs(job, trainer)
    if distributed.is_main:
        save_model(student, folder, job.output)
        student = load_model(job.output)
    return {**facts, "kept": kept, "layers": len(kept), **facts_of(student)}


def _spread(count: int, wanted: int) -> list[int]:
    """The first layer, the last one, and others at equal distances. Errors: TOO_FEW_LAYERS."""
    if wanted >= count:
        hint = f"Set `draft.layers` to at most {count - 1}." if count > 1 else "Leave `draft` out of the recipe."
        raise JobError("TOO_FEW_LAYERS", f"The model has {count} layers; a draft of {wanted} layers would not be smaller.", hint)
    if wanted == 1:
        return [0]
    return [round(place * (count - 1) / (wanted - 1)) for place in range(wanted)]


def _student(teacher: PreTrainedModel, kept: list[int]) -> PreTrainedModel:
    """A copy with these layers, which learn with the last norm. Embeddings and head are the teacher's own and stay frozen."""
    layers = decoder_layers(teacher, "draft")
    shared = [teacher.get_input_embeddings(), teacher.get_output_embeddings()]
    shared += [layer for number, layer in enumerate(layers) if number not in kept]
    # What stands in the memo is taken as it is.
    student: PreTrainedModel = copy.deepcopy(teacher, {id(part): part for part in shared})
    keep_layers(student, decoder_layers(student, "draft"), kept)
    student.requires_grad_(True)
    for part in shared:
        part.requires_grad_(False)
    return student
