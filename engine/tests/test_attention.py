"""Attention kernels: the same losses from each."""

import torch
from conftest import lines_of

from cogumi_engine.attention import attend_in_f32
from cogumi_engine.batches import pack, pad
from cogumi_engine.losses import token_losses
from cogumi_engine.models import load_model
from cogumi_engine.rows import Example


def test_attention_in_f32_changes_nothing_but_the_rounding(model_folder):
    rows = [Example([5, 6, 7, 8, 9, 10], [1.0] * 6), Example([7, 5, 9], [1.0] * 3)]
    model = load_model(model_folder)
    batches = [pad(rows, 0), pack(lines_of(rows, 32), 0)]
    before = [token_losses(model, batch) for batch in batches]
    attend_in_f32(model)
    for batch, losses in zip(batches, before, strict=True):
        assert torch.allclose(token_losses(model, batch), losses, atol=1e-5)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            half = token_losses(model, batch)
        assert not torch.equal(half, losses) and torch.allclose(half, losses, atol=0.1)
