"""Adapters of others: what is taken, and what is refused by name before it costs anything."""

import json

import pytest
import torch
from conftest import edit_json, run_job
from safetensors.torch import load_file, save_file


def test_a_whole_adapter_is_copied_as_it_is(adapter, model_folder, tmp_path):
    facts = run_job("import-adapter", {"model": model_folder, "adapter": adapter}, tmp_path / "out").facts
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        assert (tmp_path / "out" / name).read_bytes() == (adapter / name).read_bytes()
    config = json.loads((adapter / "adapter_config.json").read_text("utf-8"))
    assert facts["rank"] == config["r"]
    assert facts["layers"] == sum(".lora_A." in name for name in load_file(adapter / "adapter_model.safetensors"))


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"use_dora": True}, "ADAPTER_KIND", "DoRA"),
        ({"modules_to_save": ["lm_head"]}, "ADAPTER_KIND", "lm_head"),
        ({"bias": "all"}, "ADAPTER_KIND", "biases"),
        ({"alpha_pattern": {"q_proj": 3}}, "ADAPTER_KIND", "alpha_pattern"),
        ({"r": 0}, "ADAPTER_CORRUPT", "rank 0"),
        ({"r": 7}, "ADAPTER_CORRUPT", "says 7"),
        ({"peft_type": "IA3"}, "ADAPTER_FOREIGN", "IA3"),
    ],
)
def test_what_cannot_be_served_is_refused_by_what_it_is(change, code, says, adapter, model_folder, tmp_path):
    edit_json(adapter / "adapter_config.json", **change)
    assert says in run_job("import-adapter", {"model": model_folder, "adapter": adapter}, tmp_path / "out").refused(code)


def test_an_adapter_of_another_base_is_refused_with_both_shapes_or_the_layer(adapter, model_folder, tmp_path):
    weights = adapter / "adapter_model.safetensors"
    tensors = load_file(weights)
    name = next(name for name in tensors if ".lora_A." in name)
    wider = torch.cat([tensors[name], tensors[name]], dim=1)
    save_file({**tensors, name: wider}, weights)
    inputs = {"model": model_folder, "adapter": adapter}
    said = run_job("import-adapter", inputs, tmp_path / "wide").refused("ADAPTER_MISMATCH")
    assert str(wider.shape[1]) in said and str(tensors[name].shape[1]) in said
    save_file({key.replace("layers.0.", "layers.77."): value for key, value in tensors.items()}, weights)
    assert "layers.77" in run_job("import-adapter", inputs, tmp_path / "deep").refused("ADAPTER_MISMATCH")


def test_a_pickle_is_refused(adapter, model_folder, tmp_path):
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    assert "pickle" in run_job("import-adapter", {"model": model_folder, "adapter": adapter}, tmp_path / "out").refused(
        "ADAPTER_FOREIGN"
    )


def test_a_folder_without_config_is_refused(adapter, model_folder, tmp_path):
    (adapter / "adapter_config.json").unlink()
    run_job("import-adapter", {"model": model_folder, "adapter": adapter}, tmp_path / "out").refused("ADAPTER_CORRUPT")
