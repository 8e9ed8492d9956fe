"""Dropping layers: the ones that do nothing go first, and what is left is the same model without them."""

import json

import pytest
import torch
from conftest import chat_row, run_job, tiny_model, write_rows

from cogumi_engine.models import load_model


@pytest.fixture
def folder(tmp_path, tokenizer):
    """Four layers; the second and the third add nothing to the hidden state."""
    model = tiny_model(tokenizer, 5, num_hidden_layers=4)
    with torch.no_grad():
        for number in (1, 2):
            layer = model.model.layers[number]
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
    model.to(torch.bfloat16).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def rows(tmp_path):
    return write_rows(tmp_path / "rows.jsonl", [chat_row(number) for number in range(6)])


def logits(folder):
    with torch.no_grad():
        return load_model(folder)(input_ids=torch.tensor([[5, 7, 9, 11]])).logits


def test_layers_that_do_nothing_are_dropped_and_the_model_says_the_same(folder, rows, tmp_path):
    facts = run_job("drop-layers", {"model": folder, "rows": rows}, tmp_path / "out", layers=2).facts
    assert facts["dropped"] == [1, 2]
    assert facts["layers"] == 2
    assert torch.equal(logits(folder), logits(tmp_path / "out"))
    influence = json.loads((tmp_path / "out/influence.json").read_text())["influence"]
    assert influence[1] == pytest.approx(0, abs=1e-6)
    assert influence[0] > 1e-3


def test_settings_with_a_value_per_layer_follow(tokenizer, rows, tmp_path):
    from transformers import Qwen3Config, Qwen3ForCausalLM

    config = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=2,
        num_key_value_heads=1, head_dim=16, tie_word_embeddings=True, layer_types=["full_attention"] * 3,
    )  # fmt: skip
    torch.manual_seed(0)
    Qwen3ForCausalLM(config).save_pretrained(tmp_path / "qwen")
    tokenizer.save_pretrained(tmp_path / "qwen")
    run_job("drop-layers", {"model": tmp_path / "qwen", "rows": rows}, tmp_path / "out", layers=1)
    assert len(load_model(tmp_path / "out").config.layer_types) == 2


def test_a_model_that_also_sees_loses_layers_of_its_text_part(image_model_folder, rows, tmp_path):
    facts = run_job("drop-layers", {"model": image_model_folder, "rows": rows}, tmp_path / "out", layers=1).facts
    config = load_model(tmp_path / "out").config
    kept = [kind for layer, kind in enumerate(["sliding_attention", "full_attention"] * 2) if layer not in facts["dropped"]]
    assert (config.text_config.num_hidden_layers, config.text_config.layer_types) == (3, kept)
    assert config.vision_config.num_hidden_layers == 4


def test_a_model_keeps_at_least_one_layer(folder, rows, tmp_path):
    ran = run_job("drop-layers", {"model": folder, "rows": rows}, tmp_path / "out", layers=4)
    assert "has 4 layers; 4 cannot be removed" in ran.refused("TOO_FEW_LAYERS")
