"""Losses against those of transformers."""

import pytest
import torch
from transformers import GraniteConfig, GraniteForCausalLM

from cogumi_engine.attention import KERNEL
from cogumi_engine.batches import pack, pad
from cogumi_engine.losses import cross_entropy, token_losses
from cogumi_engine.rows import Example, encode


def granite(tokenizer):
    """A model whose logits are scaled after its head."""
    torch.manual_seed(0)
    shape = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2}
    config = GraniteConfig(vocab_size=len(tokenizer), logits_scaling=4.0, initializer_range=0.5, **shape)
    model = GraniteForCausalLM(config).eval()
    model.set_attn_implementation(KERNEL)
    return model


def test_losses_are_right_where_an_architecture_changes_its_logits(tokenizer):
    model = granite(tokenizer)
    example = encode(tokenizer, {"text": "Tom has a red cat."}, 1.0)
    wanted = model(input_ids=torch.tensor([example.ids]), labels=torch.tensor([example.ids])).loss
    assert token_losses(model, pack([[example]], 0)).mean().item() == pytest.approx(wanted.item(), abs=1e-5)


def test_the_sum_of_a_batch_weighs_its_tokens_and_counts_their_weights(tokenizer):
    model = granite(tokenizer)
    rows = [Example([5, 6, 7, 8], [1.0, 0.5, 1.0, 0.0]), Example([9, 10], [0.0, 0.25])]
    with torch.no_grad():
        got = cross_entropy(model, pad(rows, 0))
        each = [token_losses(model, pad([Example(row.ids, [1.0] * len(row.ids))], 0)) for row in rows]
    assert got.count == 1.75, "nothing predicts the first token of a row"
    assert float(got.sum) == pytest.approx(float(0.5 * each[0][0] + each[0][1] + 0.25 * each[1][0]), rel=1e-5)
