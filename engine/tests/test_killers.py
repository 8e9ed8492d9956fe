"""Mistakes that ruin a model in silence elsewhere, each made on purpose: every one has to be caught, by its name."""

import json
import math
import shutil

import pytest
import torch
from conftest import ROOT, edit_json, edit_tensors, loop_options, run_job
from safetensors.torch import load_file, save_file
from transformers import Gemma2Config, Gemma2ForCausalLM, LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from cogumi_engine.adapters import attach
from cogumi_engine.jobs import merge as merge_job
from cogumi_engine.models import load_model

# Llama; Gemma 2 with norms of 1 + weight, four of them a layer, a scaled embedding that is the head, soft-capped scores; Qwen 2 with
# biases and a head of its own.
MODELS = {
    "llama": lambda **shape: LlamaForCausalLM(LlamaConfig(tie_word_embeddings=True, **shape)),
    "gemma-2": lambda **shape: Gemma2ForCausalLM(
        Gemma2Config(head_dim=16, query_pre_attn_scalar=16, sliding_window=16, attn_logit_softcapping=5.0, **shape)
    ),
    "qwen2": lambda **shape: Qwen2ForCausalLM(Qwen2Config(tie_word_embeddings=False, **shape)),
}


@pytest.fixture(scope="module", params=MODELS)
def made(request, tokenizer, tmp_path_factory):
    """A model of each architecture and an adapter for it that says something."""
    folder = tmp_path_factory.mktemp(request.param)
    torch.manual_seed(0)
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    words = {"vocab_size": len(tokenizer), "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    model = MODELS[request.param](num_key_value_heads=2, initializer_range=0.2, **shape, **words)
    model.to(torch.bfloat16).save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    wrapped = attach(load_model(folder / "model"), loop_options())
    with torch.no_grad():
        for name, value in wrapped.named_parameters():
            if ".lora_B." in name:
                value.normal_(std=0.3)
    wrapped.save_pretrained(folder / "adapter")
    return folder


@pytest.fixture
def inputs(made, rows_file, tmp_path):
    """A copy of each, to be spoiled."""
    return {
        "model": shutil.copytree(made / "model", tmp_path / "model"),
        "adapter": shutil.copytree(made / "adapter", tmp_path / "own-adapter"),
        "rows": rows_file,
    }


def merge(inputs, tmp_path):
    return run_job("merge", inputs, tmp_path / "merged")


def spoiled_merge(monkeypatch, spoil):
    """`merge_and_unload` with `spoil(model)` called on what it gives."""
    original = merge_job.load_adapter

    def load(base, folder):
        both = original(base, folder)
        whole = both.merge_and_unload

        def merge_and_unload():
            before = {name: weight.clone() for name, weight in load_model_weights(base).items()}
            model = whole()
            with torch.no_grad():
                for name, weight in model.named_parameters():
                    spoil(name, weight, before)
            return model

        monkeypatch.setattr(both, "merge_and_unload", merge_and_unload, raising=False)
        return both

    monkeypatch.setattr(merge_job, "load_adapter", load)


def load_model_weights(base):
    return {name.replace(".base_layer", ""): weight for name, weight in base.named_parameters() if ".lora_" not in name}


def test_a_merge_without_a_mistake_passes(inputs, tmp_path):
    facts = merge(inputs, tmp_path).facts
    assert facts["mergeError"] < 1e-4 and facts["roundingNoise"] < facts["effect"]
    assert facts["rounding"] == pytest.approx(min(facts["roundingToNearest"], facts["roundingNoise"]), rel=1e-3)


@pytest.mark.parametrize("scale", [0.5, 1.05, 2.0])
def test_a_wrong_scale_shows_as_a_merge_error(inputs, tmp_path, monkeypatch, scale):
    spoiled_merge(monkeypatch, lambda name, weight, before: weight.copy_(before[name] + scale * (weight - before[name])))
    assert merge(inputs, tmp_path).facts["mergeError"] > 0.01


def test_an_adapter_merged_twice_shows_as_a_merge_error(inputs, tmp_path, monkeypatch):
    spoiled_merge(monkeypatch, lambda name, weight, before: weight.add_(weight - before[name]))
    assert merge(inputs, tmp_path).facts["mergeError"] > 0.1


def test_a_merge_that_left_one_layer_out_shows_as_a_merge_error(inputs, tmp_path, monkeypatch):
    def spoil(name, weight, before):
        if name == "model.layers.1.self_attn.k_proj.weight":
            weight.copy_(before[name])

    spoiled_merge(monkeypatch, spoil)
    assert merge(inputs, tmp_path).facts["mergeError"] > 0.01


def test_a_weight_written_transposed_is_more_than_rounding(inputs, tmp_path, monkeypatch):
    real = merge_job.save_model

    def spoil(model, source, target):
        real(model, source, target)
        name = "model.layers.0.self_attn.q_proj.weight"
        edit_tensors(target / "model.safetensors", lambda all_: {**all_, name: all_[name].T.contiguous()})

    monkeypatch.setattr(merge_job, "save_model", spoil)
    facts = merge(inputs, tmp_path).facts
    assert facts["rounding"] > 100 * facts["roundingNoise"]


def test_a_zeroed_b_is_a_dead_adapter(inputs, tmp_path):
    zeroed = lambda all_: {name: value * (".lora_B." not in name) for name, value in all_.items()}  # noqa: E731
    edit_tensors(inputs["adapter"] / "adapter_model.safetensors", zeroed)
    merge(inputs, tmp_path).refused("DEAD_ADAPTER")


def test_an_adapter_too_weak_for_the_stored_type_has_less_effect_than_rounding(inputs, tmp_path):
    weak = lambda all_: {name: value * (1e-4 if ".lora_B." in name else 1) for name, value in all_.items()}  # noqa: E731
    edit_tensors(inputs["adapter"] / "adapter_model.safetensors", weak)
    facts = merge(inputs, tmp_path).facts
    assert facts["effect"] < facts["roundingNoise"]


def test_an_extra_key_segment_is_named(inputs, tmp_path):
    longer = lambda all_: {name.replace("model.layers", "model.model.layers"): value for name, value in all_.items()}  # noqa: E731
    edit_tensors(inputs["adapter"] / "adapter_model.safetensors", longer)
    assert "model.model.layers.0" in merge(inputs, tmp_path).refused("ADAPTER_MISMATCH")


def test_unresolved_targets_are_named(inputs, tmp_path):
    given = {"model": inputs["model"], "rows": inputs["rows"], "validation": inputs["rows"]}
    refusal = run_job("train", given, tmp_path / "trained", targets=["q_proj", "c_attn"])
    assert '"c_attn"' in refusal.refused("ADAPTER_TARGET")
    edit_json(inputs["adapter"] / "adapter_config.json", target_modules=["c_attn"])
    merge(inputs, tmp_path).refused("ADAPTER_CORRUPT")


def split(folder):
    """The model's tensors in two files with an index, as large models have them."""
    whole = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(whole)
    files = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    parts = [names[: len(names) // 2], names[len(names) // 2 :]]
    for file, part in zip(files, parts, strict=True):
        save_file({name: whole[name] for name in part}, folder / file, metadata={"format": "pt"})
    places = {name: file for file, part in zip(files, parts, strict=True) for name in part}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))
    return [folder / file for file in files]


def test_a_sharded_model_is_read_and_swapped_shards_are_named(inputs, tmp_path):
    first, second = split(inputs["model"])
    assert merge(inputs, tmp_path).last["event"] == "done"
    first.rename(tmp_path / "aside")
    second.rename(first)
    (tmp_path / "aside").rename(second)
    message = merge(inputs, tmp_path).refused("MODEL_CORRUPT")
    assert first.name in message and second.name in message


def test_a_stale_tokenizer_makes_the_model_read_worse_than_guessing(rows_file, tmp_path):
    """Ids of another tokenizer of the same size: nothing fails to load, so only what the model reads can show it."""
    seedling = shutil.copytree(ROOT / "models/seedling", tmp_path / "seedling")
    ran = run_job("logits", {"model": seedling, "rows": rows_file}, tmp_path / "fresh").facts
    guessing = math.log(ran["vocabulary"])
    assert ran["loss"] < guessing

    path = seedling / "tokenizer.json"
    data = json.loads(path.read_text())
    special = {token["content"] for token in data["added_tokens"]}
    plain = [piece for piece in data["model"]["vocab"] if piece not in special]
    ids = [data["model"]["vocab"][piece] for piece in plain]
    data["model"]["vocab"].update(zip(plain, ids[len(ids) // 2 :] + ids[: len(ids) // 2], strict=True))
    path.write_text(json.dumps(data))
    stale = run_job("logits", {"model": seedling, "rows": rows_file}, tmp_path / "stale").facts
    assert stale["loss"] > guessing


def test_weights_that_are_not_finite_are_named(inputs, tmp_path):
    def spoil(all_):
        all_["model.layers.1.mlp.up_proj.weight"][3, 5] = float("nan")
        return all_

    edit_tensors(inputs["model"] / "model.safetensors", spoil)
    ran = run_job("logits", {"model": inputs["model"], "rows": inputs["rows"]}, tmp_path / "out")
    assert "layers.1.mlp.up_proj" in ran.refused("NOT_FINITE")
    assert load_model(inputs["model"]) is not None
