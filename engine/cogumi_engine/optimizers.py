"""Optimizers of the training loop."""

from typing import Any

import torch
from torch.optim import AdamW, Muon, Optimizer
from transformers import PreTrainedModel

from cogumi_engine.options import LoopOptions

# Adam's decay rates, as is usual for language models (Brown et al. 2020, app. B).
BETAS = (0.9, 0.95)


def make_optimizers(model: PreTrainedModel, parameters: dict[str, torch.nn.Parameter], options: LoopOptions) -> list[Optimizer]:
    """
    Optimizers of `parameters`: AdamW for all, or Muon (Jordan et al. 2024) for the matrices between embedding and head and
    AdamW for the rest. Muon's steps are scaled to the size of AdamW's (Liu et al. 2025, section 2.2): one rate fits both.
    """
    rate, decay = options.learning_rate, options.weight_decay
    ends = (model.get_input_embeddings(), model.get_output_embeddings())
    tables = {id(end.weight) for end in ends if end is not None}
    muon = options.optimizer == "muon"
    matrices = [value for value in parameters.values() if value.ndim == 2 and id(value) not in tables] if muon else []
    inside = {id(value) for value in matrices}
    rest = [value for value in parameters.values() if id(value) not in inside]
    groups: list[dict[str, Any]] = [
        {"params": [value for value in rest if value.ndim > 1], "weight_decay": decay},
        {"params": [value for value in rest if value.ndim <= 1], "weight_decay": 0.0},
    ]
    made: list[Optimizer] = []
    if rest:
        made.append(AdamW([group for group in groups if group["params"]], lr=rate, betas=BETAS, fused=True))
    if matrices:
        made.append(Muon(matrices, lr=rate, weight_decay=decay, momentum=0.95, adjust_lr_fn="match_rms_adamw"))
    return made
