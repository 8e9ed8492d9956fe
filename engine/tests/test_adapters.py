"""Adapters of each kind: trained, saved, loaded, merged, exported; and which folders are refused."""

import json
import math
import shutil

import pytest
import torch
from conftest import edit_json, edit_tensors, llama_source, loop_options, refused, run_job, shared_data, tiny_model
from safetensors.torch import load_file

from cogumi_engine import converter
from cogumi_engine.adapters import attach, check_adapter, load_adapter, save_adapter, target_names
from cogumi_engine.models import load_model

LINEAR = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
LAYER = "model.layers.1.mlp.down_proj"


def logits(model):
    with torch.no_grad():
        return model(input_ids=torch.arange(5, 25)[None]).logits[0]


@pytest.fixture(params=["lora", "rslora", "dora"])
def trained(request, model_folder, rows_file, tmp_path):
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    run_job("train", inputs, tmp_path / "trained", adapter=request.param, dropout=0.1, targets=["q_proj", "down_proj"], maxSteps=20)
    return request.param, tmp_path / "trained"


def test_each_kind_learns_and_is_stored_in_pefts_names_and_shapes(trained):
    kind, folder = trained
    lines = [json.loads(line) for line in (folder / "losses.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in lines if line["kind"] == "validation"]
    assert losses[-1] < 0.8 * losses[0]
    config = json.loads((folder / "adapter_config.json").read_text())
    assert (config["use_rslora"], config["use_dora"]) == (kind == "rslora", kind == "dora")
    assert (config["r"], config["lora_alpha"], config["lora_dropout"]) == (4, 8, 0.1)
    assert config["target_modules"] == ["down_proj", "q_proj"]
    layers = check_adapter(folder)
    assert len(layers) == 4, "two layers with two targets each"
    shapes = {"lora_A.weight": (4, 128), "lora_B.weight": (64, 4)} | ({"lora_magnitude_vector": (64,)} if kind == "dora" else {})
    assert layers[LAYER] == shapes


def test_an_adapter_of_a_model_that_also_sees_is_on_its_text_part(image_model_folder, rows_file, tmp_path):
    inputs = {"model": image_model_folder, "rows": rows_file, "validation": rows_file}
    facts = run_job("train", inputs, tmp_path / "trained").facts
    assert facts["targets"] == LINEAR
    assert {layer.split(".layers.")[0] for layer in check_adapter(tmp_path / "trained")} == {"model.language_model"}
    run_job("train", inputs, tmp_path / "seen", targets=["fc1"]).refused("ADAPTER_TARGET")
    inputs = {"model": image_model_folder, "adapter": tmp_path / "trained", "rows": rows_file}
    assert run_job("merge", inputs, tmp_path / "merged").facts["architecture"] == "Gemma3ForConditionalGeneration"


def test_each_kind_says_after_loading_and_after_merging_what_its_formula_says(trained, model_folder, rows_file, tmp_path):
    kind, folder = trained
    base, by_hand = load_model(model_folder), load_model(model_folder)
    tensors = load_file(folder / "adapter_model.safetensors")
    for layer in check_adapter(folder):
        weight = by_hand.get_submodule(layer).weight
        a, b = (tensors[f"base_model.model.{layer}.lora_{side}.weight"] for side in "AB")
        with torch.no_grad():
            weight += b @ a * 8 / (math.sqrt(4) if kind == "rslora" else 4)
            if kind == "dora":
                magnitude = tensors[f"base_model.model.{layer}.lora_magnitude_vector"]
                weight *= (magnitude / weight.norm(dim=1))[:, None]
    wanted = logits(by_hand)
    assert (wanted - logits(base)).abs().max() > 0.5
    torch.testing.assert_close(logits(load_adapter(load_model(model_folder), folder)), wanted, atol=1e-3, rtol=1e-3)

    ran = run_job("merge", {"model": model_folder, "adapter": folder, "rows": rows_file}, tmp_path / "merged")
    assert ran.facts["agreement"] > 0.9
    # Stored in bf16, like its base.
    assert (logits(load_model(tmp_path / "merged")) - wanted).abs().max() < 0.2 * (wanted - logits(base)).abs().max()


def test_saving_and_loading_gives_equal_logits(tokenizer, tmp_path):
    for kind in ("lora", "rslora", "dora"):
        model = tiny_model(tokenizer)
        adapted = attach(model, loop_options(adapter=kind, dropout=0.5)).eval()
        with torch.no_grad():
            for name, value in adapted.named_parameters():
                if ".lora_" in name:
                    value += torch.randn_like(value) * 0.1
        save_adapter(adapted, tmp_path / kind)
        assert torch.equal(logits(load_adapter(tiny_model(tokenizer), tmp_path / kind)), logits(adapted))


def test_an_rslora_adapter_is_served_with_its_own_scale_and_a_dora_adapter_is_refused(trained, model_folder, tmp_path):
    llama_source()
    kind, folder = trained
    ran = run_job("export-adapter", {"model": model_folder, "adapter": folder}, tmp_path / "gguf", type="f32")
    if kind == "dora":
        assert "use_dora" in ran.refused("ADAPTER_KIND")
        return
    assert ran.last["event"] == "done"
    # llama.cpp scales by alpha / rank, rsLoRA by alpha / sqrt(rank): 8 / 2 = 16 / 4.
    alpha = converter.load("gguf").GGUFReader(tmp_path / "gguf/adapter.gguf").fields["adapter.lora.alpha"].contents()
    assert alpha == (16 if kind == "rslora" else 8)


def test_an_adapter_that_scales_its_layers_differently_is_not_served(adapter, model_folder, tmp_path):
    edit_json(adapter / "adapter_config.json", alpha_pattern={"q_proj": 3})
    inputs = {"model": model_folder, "adapter": adapter}
    assert "alpha_pattern" in run_job("export-adapter", inputs, tmp_path / "out").refused("ADAPTER_KIND")


def test_all_linear_is_every_linear_layer_but_the_head(tokenizer):
    assert target_names(tiny_model(tokenizer), "all-linear") == LINEAR
    assert target_names(tiny_model(tokenizer, tie_word_embeddings=False), "all-linear") == LINEAR
    assert target_names(tiny_model(tokenizer), ("v_proj", "mlp.up_proj")) == ["mlp.up_proj", "v_proj"]


def test_a_target_that_is_no_layer_is_refused_with_those_there_are(tokenizer):
    message = refused("ADAPTER_TARGET", target_names, tiny_model(tokenizer), ("q_proj", "query"))
    assert '"query"' in message
    assert "q_proj" in message


def test_a_real_adapter_committed_damaged_is_refused_with_both_byte_counts(model_folder, rows_file, tmp_path):
    adapter = shared_data() / "adapters/corrupt_minilm_l12_multi_domain"
    inputs = {"model": model_folder, "rows": rows_file, "adapter": adapter}
    for job in ("merge", "export-adapter"):
        message = run_job(job, inputs, tmp_path / job).refused("ADAPTER_CORRUPT")
        assert "596235" in message and "596240" in message


def test_a_real_adapter_in_the_naming_of_mlx_is_refused_by_what_it_holds(model_folder, rows_file, tmp_path):
    adapter = shared_data() / "adapters/discollama_mlx"
    inputs = {"model": model_folder, "rows": rows_file, "adapter": adapter}
    for job in ("merge", "export-adapter"):
        assert "adapters.safetensors" in run_job(job, inputs, tmp_path / job).refused("ADAPTER_FOREIGN")
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    shutil.copyfile(adapter / "adapters.safetensors", renamed / "adapter_model.safetensors")
    (renamed / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    assert "self_attn" in refused("ADAPTER_FOREIGN", check_adapter, renamed)


def test_an_adapter_made_for_another_base_is_refused(adapter, tokenizer):
    wider = tiny_model(tokenizer, hidden_size=128)
    assert "is 64 wide; the base's layer has 128" in refused("ADAPTER_MISMATCH", load_adapter, wider, adapter)
    shorter = tiny_model(tokenizer, num_hidden_layers=1)
    assert "does not have" in refused("ADAPTER_MISMATCH", load_adapter, shorter, adapter)


def test_matrices_that_the_config_does_not_name_are_refused_rather_than_left_out(adapter, model_folder):
    edit_json(adapter / "adapter_config.json", target_modules=["q_proj"])
    assert "28 tensors" in refused("ADAPTER_MISMATCH", load_adapter, load_model(model_folder), adapter)


def test_matrices_that_the_file_lacks_are_refused_rather_than_left_empty(adapter, model_folder):
    edit_tensors(
        adapter / "adapter_model.safetensors", lambda all_: {name: value for name, value in all_.items() if ".layers.0." in name}
    )
    refused("ADAPTER_MISMATCH", load_adapter, load_model(model_folder), adapter)


def test_a_rank_that_is_not_the_files_is_refused(adapter, model_folder):
    edit_json(adapter / "adapter_config.json", r=8)
    assert "rank 4, lora_B has 4, and adapter_config.json says 8" in refused(
        "ADAPTER_CORRUPT", load_adapter, load_model(model_folder), adapter
    )


def test_an_adapter_of_rank_0_is_refused_by_that(adapter, model_folder):
    def empty(all_):
        return {name: value[:0] if ".lora_A." in name else value[:, :0].contiguous() for name, value in all_.items()}

    edit_tensors(adapter / "adapter_model.safetensors", empty)
    edit_json(adapter / "adapter_config.json", r=0)
    assert "rank 0" in refused("ADAPTER_CORRUPT", load_adapter, load_model(model_folder), adapter)


def test_a_dead_adapter_is_refused(adapter, model_folder, rows_file, tmp_path):
    path = adapter / "adapter_model.safetensors"
    edit_tensors(path, lambda all_: {name: value * (".lora_B." not in name) for name, value in all_.items()})
    inputs = {"model": model_folder, "rows": rows_file, "adapter": adapter}
    for job in ("merge", "export-adapter"):
        run_job(job, inputs, tmp_path / job).refused("DEAD_ADAPTER")


def test_a_tensor_of_a_kind_that_nobody_applies_is_refused(adapter):
    extra = {"base_model.model.model.layers.0.mlp.up_proj.lora_C.weight": torch.ones(1)}
    edit_tensors(adapter / "adapter_model.safetensors", lambda all_: all_ | extra)
    assert "lora_C" in refused("ADAPTER_FOREIGN", check_adapter, adapter)


def test_a_matrix_without_its_partner_is_refused(adapter):
    name = f"base_model.model.{LAYER}.lora_A.weight"
    edit_tensors(adapter / "adapter_model.safetensors", lambda all_: {key: value for key, value in all_.items() if key != name})
    assert "no lora_A.weight" in refused("ADAPTER_CORRUPT", check_adapter, adapter)


def test_a_magnitude_that_is_a_matrix_is_refused_with_its_shape(adapter):
    extra = {f"base_model.model.{LAYER}.lora_magnitude_vector": torch.ones(64, 1)}
    edit_tensors(adapter / "adapter_model.safetensors", lambda all_: all_ | extra)
    assert "shape [64, 1]; it should be [out]" in refused("ADAPTER_CORRUPT", check_adapter, adapter)


def test_a_magnitude_of_another_width_is_refused_with_both(adapter, model_folder):
    extra = {f"base_model.model.{LAYER}.lora_magnitude_vector": torch.ones(63)}
    edit_tensors(adapter / "adapter_model.safetensors", lambda all_: all_ | extra)
    assert "63 wide; the base's layer has 64" in refused("ADAPTER_MISMATCH", load_adapter, load_model(model_folder), adapter)
