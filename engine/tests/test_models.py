"""What is refused before it is believed: quantized, cut, foreign and mismatched files."""

import json
import shutil

import pytest
import torch
from conftest import run_job, shared_data, tiny_model, write_rows
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import GraniteConfig, GraniteForCausalLM

from cogumi_engine.batches import pack, pad
from cogumi_engine.errors import JobError
from cogumi_engine.loop import token_losses
from cogumi_engine.models import attend_in_f32, check_adapter, check_model, linear_names, load_adapter, load_model
from cogumi_engine.rows import Example, encode


def refused(code, action, *arguments):
    with pytest.raises(JobError) as error:
        action(*arguments)
    assert error.value.code == code, error.value.message
    assert error.value.hint
    return error.value.message


@pytest.fixture
def copied(model_folder, tmp_path):
    return shutil.copytree(model_folder, tmp_path / "model")


@pytest.fixture
def adapter(model_folder, tmp_path):
    """An adapter that says something, for the model of `model_folder`."""
    model = load_model(model_folder)
    lora = LoraConfig(r=4, lora_alpha=8, target_modules=linear_names(model), task_type="CAUSAL_LM")
    wrapped = get_peft_model(model, lora)
    torch.manual_seed(1)
    with torch.no_grad():
        for name, value in wrapped.named_parameters():
            if ".lora_B." in name:
                value.normal_(std=0.3)
    wrapped.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def edit_json(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def edit_tensors(path, change):
    tensors = load_file(path)
    save_file(change(tensors), path, metadata={"format": "pt"})


def test_a_quantized_base_is_refused_by_every_job_that_would_train_on_it_or_merge_into_it(copied, adapter, rows_file, tmp_path):
    edit_json(copied / "config.json", quantization_config={"quant_method": "gptq", "bits": 4})
    inputs = {"model": copied, "rows": rows_file, "validation": rows_file, "adapter": adapter}
    for job in ("train", "merge", "export"):
        assert "quantization_config" in run_job(job, inputs, tmp_path / job).refused("QUANTIZED_BASE")
        assert not list((tmp_path / job).glob("*.safetensors"))


def test_integer_weights_are_refused_whatever_the_config_says(copied):
    edit_tensors(copied / "model.safetensors", lambda all_: {**all_, "model.norm.weight": torch.ones(64, dtype=torch.int8)})
    assert "model.norm.weight is I8" in refused("QUANTIZED_BASE", check_model, copied)


def test_float8_weights_are_refused(copied):
    eighth = torch.ones(64).to(torch.float8_e4m3fn)
    edit_tensors(copied / "model.safetensors", lambda all_: {**all_, "model.norm.weight": eighth})
    refused("QUANTIZED_BASE", check_model, copied)


def test_a_gguf_is_refused_as_a_base(tmp_path):
    gguf = shared_data() / "models/llama-2-tiny-random/llama-2-tiny-random.gguf"
    refused("QUANTIZED_BASE", check_model, gguf)


def test_a_cut_file_is_refused_with_both_byte_counts(copied):
    path = copied / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    message = refused("MODEL_CORRUPT", load_model, copied)
    assert str(len(whole)) in message and str(len(whole) - 7) in message


@pytest.mark.parametrize("start", [b"", b"\x05\0\0", b"\xff" * 8 + b"{}", b"\x02\0\0\0\0\0\0\0[]", b'\x0c\0\0\0\0\0\0\0{"a": {"b":1'])
def test_a_header_that_is_none_is_refused(copied, start):
    (copied / "model.safetensors").write_bytes(start)
    refused("MODEL_CORRUPT", load_model, copied)


def test_a_lost_tensor_is_refused_rather_than_made_up(copied):
    edit_tensors(copied / "model.safetensors", lambda all_: {name: value for name, value in all_.items() if "norm" not in name})
    assert "lacks 5 tensors" in refused("MODEL_CORRUPT", load_model, copied)


def test_missing_files_are_named(copied, tmp_path):
    assert "config.json" in refused("MODEL_NOT_FOUND", load_model, tmp_path)
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model.safetensors"}}
    (copied / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "model-00001-of-00002.safetensors" in refused("MODEL_NOT_FOUND", load_model, copied)
    (copied / "model.safetensors").unlink()
    refused("MODEL_NOT_FOUND", load_model, copied)


def test_weights_of_another_shape_are_refused(copied):
    edit_json(copied / "config.json", intermediate_size=256)
    refused("MODEL_UNREADABLE", load_model, copied)


def test_a_tied_head_counts_as_found(model_folder):
    assert load_model(model_folder).dtype == torch.float32


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
    assert "the base has 128" in refused("ADAPTER_MISMATCH", load_adapter, wider, adapter)
    shorter = tiny_model(tokenizer, num_hidden_layers=1)
    assert "no such module" in refused("ADAPTER_MISMATCH", load_adapter, shorter, adapter)


def test_matrices_that_the_config_does_not_name_are_refused_rather_than_left_out(adapter, model_folder):
    edit_json(adapter / "adapter_config.json", target_modules=["q_proj"])
    assert "28 matrices" in refused("ADAPTER_MISMATCH", load_adapter, load_model(model_folder), adapter)


def test_matrices_that_the_file_lacks_are_refused_rather_than_left_empty(adapter, model_folder):
    edit_tensors(adapter / "adapter_model.safetensors", lambda all_: {name: value for name, value in all_.items() if ".layers.0." in name})
    refused("ADAPTER_MISMATCH", load_adapter, load_model(model_folder), adapter)


def test_a_rank_that_is_not_the_files_is_refused(adapter, model_folder):
    edit_json(adapter / "adapter_config.json", r=8)
    refused("ADAPTER_CORRUPT", load_adapter, load_model(model_folder), adapter)


def test_a_dead_adapter_is_refused(adapter, model_folder, rows_file, tmp_path):
    path = adapter / "adapter_model.safetensors"
    edit_tensors(path, lambda all_: {name: value * (".lora_B." not in name) for name, value in all_.items()})
    inputs = {"model": model_folder, "rows": rows_file, "adapter": adapter}
    for job in ("merge", "export-adapter"):
        run_job(job, inputs, tmp_path / job).refused("DEAD_ADAPTER")


def test_a_chat_template_is_needed(copied, rows_file, tmp_path):
    (copied / "chat_template.jinja").unlink()
    run_job("logits", {"model": copied, "rows": rows_file}, tmp_path / "out").refused("CHAT_TEMPLATE")
    (copied / "tokenizer.json").write_text("{")
    run_job("logits", {"model": copied, "rows": rows_file}, tmp_path / "out").refused("MODEL_UNREADABLE")


def test_lora_goes_to_every_linear_layer_but_the_head(tokenizer):
    llama = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
    assert linear_names(tiny_model(tokenizer)) == llama
    assert linear_names(tiny_model(tokenizer, tie_word_embeddings=False)) == llama


def test_losses_are_right_where_an_architecture_changes_its_logits(tokenizer):
    torch.manual_seed(0)
    shape = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2}
    config = GraniteConfig(vocab_size=len(tokenizer), logits_scaling=4.0, initializer_range=0.5, **shape)
    model = GraniteForCausalLM(config).eval()
    example = encode(tokenizer, {"text": "Tom has a red cat."}, 1.0)
    wanted = model(input_ids=torch.tensor([example.ids]), labels=torch.tensor([example.ids])).loss
    assert token_losses(model, pack([example], 0, 64)).mean().item() == pytest.approx(wanted.item(), abs=1e-5)


def test_a_missing_input_is_named(model_folder, tmp_path):
    gone = {"model": model_folder, "rows": tmp_path / "gone.jsonl"}
    assert "gone.jsonl" in run_job("logits", gone, tmp_path / "out").refused("INPUT_MISSING")
    rows = write_rows(tmp_path / "rows.jsonl", [])
    assert '"model"' in run_job("logits", {"rows": rows}, tmp_path / "out").refused("INPUT_MISSING")


def test_attention_in_f32_changes_nothing_but_the_rounding(model_folder):
    rows = [Example([5, 6, 7, 8, 9, 10], [1.0] * 6), Example([7, 5, 9], [1.0] * 3)]
    model = load_model(model_folder)
    batches = [pad(rows, 0), pack(rows, 0, 32)]
    before = [token_losses(model, batch) for batch in batches]
    attend_in_f32(model)
    for batch, losses in zip(batches, before, strict=True):
        assert torch.allclose(token_losses(model, batch), losses, atol=1e-5)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            half = token_losses(model, batch)
        assert not torch.equal(half, losses) and torch.allclose(half, losses, atol=0.1)
