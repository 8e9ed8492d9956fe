"""Through llama.cpp's own converters and back: names, order and numbers survive."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pytest
import torch
from conftest import chat_row, edit_json, llama_source, run_job, tiny_model
from safetensors.torch import load_file, save_file
from transformers import MistralConfig, MistralForCausalLM

from cogumi_engine import converter
from cogumi_engine.adapters import load_adapter
from cogumi_engine.jobs.export import name_in_file
from cogumi_engine.models import load_model, load_tokenizer
from cogumi_engine.rows import prompt_text


@pytest.fixture(scope="module", autouse=True)
def source():
    llama_source()
    converter.load("gguf")


@pytest.fixture(scope="module")
def wide_folder(tmp_path_factory, tokenizer):
    """Rows of 64 are too short for blocks of some types; heads differ in number, so that a wrong permutation shows."""
    folder = tmp_path_factory.mktemp("wide")
    torch.manual_seed(3)
    tiny_model(tokenizer, 3, hidden_size=256, intermediate_size=256).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def gguf(wide_folder, tmp_path_factory):
    output = tmp_path_factory.mktemp("gguf")
    facts = run_job("export", {"model": wide_folder}, output).facts
    assert facts == {"bytes": (output / "model.gguf").stat().st_size}
    return output / "model.gguf"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def logits(folder: Path) -> torch.Tensor:
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    with torch.no_grad():
        return model(input_ids=torch.tensor([tokenizer.encode(prompt_text(tokenizer, chat_row(1)))])).logits[0]


def fields(path: Path) -> dict:
    reader = converter.load("gguf").GGUFReader(path)
    return {name: field.contents() for name, field in reader.fields.items()}


def test_a_gguf_carries_template_end_mark_and_pre_tokenizer(gguf, wide_folder, tokenizer):
    found = fields(gguf)
    assert found["general.architecture"] == "llama"
    assert found["tokenizer.ggml.pre"] == "smollm" and found["tokenizer.ggml.model"] == "gpt2"
    assert found["tokenizer.ggml.eos_token_id"] == 2 and found["tokenizer.ggml.padding_token_id"] == 0
    assert found.get("tokenizer.ggml.add_bos_token") is not True
    assert found["tokenizer.chat_template"] == tokenizer.chat_template
    assert found["tokenizer.ggml.tokens"] == [tokenizer.convert_ids_to_tokens(number) for number in range(len(tokenizer))]


def test_a_gguf_names_no_folder_and_no_date_and_is_the_same_from_anywhere(gguf, wide_folder, tmp_path):
    elsewhere = shutil.copytree(wide_folder, tmp_path / "some-7B-name-v2")
    run_job("export", {"model": elsewhere}, tmp_path / "again")
    assert sha256(tmp_path / "again/model.gguf") == sha256(gguf)
    text = json.dumps({name: value for name, value in fields(gguf).items() if name.startswith("general.")})
    assert str(wide_folder.parent) not in text and "20" not in text.replace("general.quantization_version", "")


def test_a_window_that_llama_cpp_leaves_out_becomes_the_context_of_the_file(tokenizer, tmp_path):
    shape = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1}
    config = MistralConfig(vocab_size=len(tokenizer), sliding_window=48, max_position_embeddings=256, **shape)
    MistralForCausalLM(config).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    ran = run_job("export", {"model": tmp_path / "model"}, tmp_path / "out")
    assert ran.facts and "48 tokens, not 256" in ran.events[0]["message"]
    assert fields(tmp_path / "out/model.gguf")["llama.context_length"] == 48


@pytest.mark.parametrize(("strips", "name"), [(True, "phi-3"), (False, "model")])
def test_marks_that_strip_spaces_are_told_by_the_name_that_llama_cpp_knows_them_by(model_folder, tmp_path, strips, name):
    folder = shutil.copytree(model_folder, tmp_path / "model")
    edit_json(folder / "config.json", architectures=["Phi3ForCausalLM"])
    core = json.loads((folder / "tokenizer.json").read_text())
    edit_json(folder / "tokenizer.json", added_tokens=[{**token, "rstrip": strips} for token in core["added_tokens"]])
    assert name_in_file(folder) == name
    assert name_in_file(model_folder) == "model"


def test_an_unknown_pre_tokenizer_is_refused_with_the_option_that_names_it(wide_folder, tmp_path):
    ran = run_job("export", {"model": wide_folder}, tmp_path / "out", preTokenizer=None)
    ran.refused("CONVERT")
    assert "export.preTokenizer" in ran.last["hint"]


def test_the_converters_leave_the_process_as_it_was(wide_folder, tmp_path):
    before = list(sys.argv)
    run_job("export", {"model": wide_folder}, tmp_path / "out")
    assert sys.argv == before
    base = converter.load("conversion.base").TextModel
    assert base.get_vocab_base_pre.__name__ == "get_vocab_base_pre"


def test_f16_comes_back_as_the_same_logits(gguf, wide_folder, tmp_path):
    facts = run_job("dequantize", {"gguf": gguf, "model": wide_folder}, tmp_path / "out").facts
    assert facts["architecture"] == "LlamaForCausalLM"
    assert (logits(tmp_path / "out") - logits(wide_folder)).abs().max() < 1e-2
    back, was = (load_file(folder / "model.safetensors") for folder in (tmp_path / "out", wide_folder))
    assert back.keys() == was.keys() and {value.dtype for value in back.values()} == {torch.bfloat16}
    assert load_tokenizer(tmp_path / "out").chat_template == load_tokenizer(wide_folder).chat_template


def test_q8_comes_back_within_its_rounding(wide_folder, tmp_path):
    quantized = tmp_path / "model.gguf"
    converter.run("convert_hf_to_gguf", [str(wide_folder), "--outfile", str(quantized), "--outtype", "q8_0"], "smollm")
    run_job("dequantize", {"gguf": quantized, "model": wide_folder}, tmp_path / "out")
    back, was = (load_file(folder / "model.safetensors") for folder in (tmp_path / "out", wide_folder))
    for name, value in was.items():
        # A block of 32 shares one scale, its largest value / 127; rounding moves a value by half of that, bf16 by 2^-9 more.
        step = value.float().abs().max() / 127
        assert (back[name].float() - value.float()).abs().max() <= 0.5 * step + value.float().abs().max() * 2**-8, name
    assert 0 < (logits(tmp_path / "out") - logits(wide_folder)).abs().mean() < 0.2 * logits(wide_folder).std()


def test_a_dequantized_model_can_be_trained_on(gguf, wide_folder, rows_file, tmp_path):
    run_job("dequantize", {"gguf": gguf, "model": wide_folder}, tmp_path / "base")
    inputs = {"model": tmp_path / "base", "rows": rows_file, "validation": rows_file}
    assert run_job("train", inputs, tmp_path / "out", maxSteps=3).facts["steps"] == 3


def test_an_adapter_becomes_gguf_with_the_same_matrices(wide_folder, rows_file, tmp_path):
    inputs = {"model": wide_folder, "rows": rows_file, "validation": rows_file}
    run_job("train", inputs, tmp_path / "adapter")
    both = {"model": wide_folder, "adapter": tmp_path / "adapter"}
    facts = run_job("export-adapter", both, tmp_path / "out", type="f32").facts
    target = tmp_path / "out/adapter.gguf"
    assert facts == {"bytes": target.stat().st_size, "type": "f32"}

    reader = converter.load("gguf").GGUFReader(target)
    found = {tensor.name: torch.tensor(tensor.data.copy()) for tensor in reader.tensors}
    stored = load_file(tmp_path / "adapter/adapter_model.safetensors")
    assert len(found) == len(stored) == 28
    down = "base_model.model.model.layers.1.mlp.down_proj.lora_"
    assert torch.equal(found["blk.1.ffn_down.weight.lora_a"], stored[f"{down}A.weight"])
    assert torch.equal(found["blk.1.ffn_down.weight.lora_b"], stored[f"{down}B.weight"])
    assert reader.fields["adapter.lora.alpha"].contents() == 8

    assert "cogumi.base.digest" not in reader.fields

    moved = shutil.copytree(tmp_path / "adapter", tmp_path / "moved")
    run_job("export-adapter", {**both, "adapter": moved}, tmp_path / "again", type="f32")
    assert sha256(tmp_path / "again/adapter.gguf") == sha256(target)
    assert load_adapter(load_model(wide_folder), moved) is not None


def test_converters_that_are_not_there_are_told_with_the_command_that_brings_them(wide_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("COGUMI_LLAMA_SOURCE", str(tmp_path))
    ran = run_job("export", {"model": wide_folder}, tmp_path / "out")
    ran.refused("LLAMA_SOURCE")
    assert "npm run setup" in ran.last["hint"]


def test_an_adapter_names_its_base_and_keeps_values_that_are_too_large_for_16_bits(wide_folder, rows_file, tmp_path):
    run_job("train", {"model": wide_folder, "rows": rows_file, "validation": rows_file}, tmp_path / "adapter")
    weights = tmp_path / "adapter/adapter_model.safetensors"
    both = {"model": wide_folder, "adapter": tmp_path / "adapter"}
    digest = f"sha256:{'a' * 64}"
    assert run_job("export-adapter", both, tmp_path / "half", base=digest).facts["type"] == "f16"
    assert fields(tmp_path / "half/adapter.gguf")["cogumi.base.digest"] == digest

    tensors = load_file(weights)
    name = next(name for name in tensors if ".lora_B." in name)
    tensors[name][0, 0] = 70_000.0
    save_file(tensors, weights)
    assert run_job("export-adapter", both, tmp_path / "large").facts["type"] == "f32"
    kept = converter.load("gguf").GGUFReader(tmp_path / "large/adapter.gguf").tensors
    assert max(float(abs(tensor.data).max()) for tensor in kept) == 70_000

    tensors[name][0, 0] = float("inf")
    save_file(tensors, weights)
    assert name in run_job("export-adapter", both, tmp_path / "infinite").refused("ADAPTER_CORRUPT")
