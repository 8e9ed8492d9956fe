"""Which model folders are refused: quantized, truncated, incomplete ones."""

import json
import shutil

import pytest
import torch
from conftest import edit_json, edit_tensors, refused, run_job, shared_data, write_rows

from cogumi_engine.models import check_model, load_model, load_tokenizer


@pytest.fixture
def copied(model_folder, tmp_path):
    return shutil.copytree(model_folder, tmp_path / "model")


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


def test_a_truncated_file_is_refused_with_both_byte_counts(copied):
    path = copied / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    message = refused("MODEL_CORRUPT", load_model, copied)
    assert str(len(whole)) in message and str(len(whole) - 7) in message


@pytest.mark.parametrize(
    "start", [b"", b"\x05\0\0", b"\xff" * 8 + b"{}", b"\x02\0\0\0\0\0\0\0[]", b'\x0c\0\0\0\0\0\0\0{"a": {"b":1']
)
def test_a_header_that_is_none_is_refused(copied, start):
    (copied / "model.safetensors").write_bytes(start)
    refused("MODEL_CORRUPT", load_model, copied)


def test_a_lost_tensor_is_refused_rather_than_made_up(copied):
    edit_tensors(copied / "model.safetensors", lambda all_: {name: value for name, value in all_.items() if "norm" not in name})
    assert "lacks 5 tensors" in refused("MODEL_CORRUPT", load_model, copied)


def test_a_tensor_that_the_config_has_no_place_for_is_refused_rather_than_left_out(copied):
    bias = {"model.layers.0.self_attn.q_proj.bias": torch.zeros(64)}
    edit_tensors(copied / "model.safetensors", lambda all_: {**all_, **bias})
    message = refused("MODEL_CORRUPT", load_model, copied)
    assert "1 tensors that LlamaForCausalLM" in message and next(iter(bias)) in message


def test_what_transformers_leaves_out_on_purpose_is_taken(copied):
    # A stored head of a model whose head is its embedding, as in Qwen3 0.6B, and a buffer of old checkpoints.
    more = {"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(8)}
    edit_tensors(
        copied / "model.safetensors", lambda all_: {**all_, **more, "lm_head.weight": all_["model.embed_tokens.weight"].clone()}
    )
    load_model(copied)


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


def test_a_chat_template_is_needed(copied, rows_file, tmp_path):
    (copied / "chat_template.jinja").unlink()
    run_job("logits", {"model": copied, "rows": rows_file}, tmp_path / "out").refused("CHAT_TEMPLATE")
    (copied / "tokenizer.json").write_text("{")
    run_job("logits", {"model": copied, "rows": rows_file}, tmp_path / "out").refused("MODEL_UNREADABLE")


def test_a_tokenizer_with_more_tokens_than_the_embedding_has_rows_is_refused_with_both(copied):
    tokens = json.loads((copied / "config.json").read_text())["vocab_size"]
    edit_json(copied / "config.json", vocab_size=tokens - 8)
    message = refused("TOKENIZER_MISMATCH", load_tokenizer, copied)
    assert f"{tokens} tokens" in message and f"{tokens - 8} rows" in message


def test_an_added_token_beyond_the_embedding_that_no_chat_holds_is_taken(copied):
    tokenizer = load_tokenizer(copied)
    tokenizer.add_tokens(["<image>"], special_tokens=True)
    tokenizer.save_pretrained(copied)
    assert len(load_tokenizer(copied)) == len(tokenizer)
    (copied / "chat_template.jinja").write_text("<image>" + str(tokenizer.chat_template))
    assert "<image>" in refused("TOKENIZER_MISMATCH", load_tokenizer, copied)


def test_a_missing_input_is_named(model_folder, tmp_path):
    gone = {"model": model_folder, "rows": tmp_path / "gone.jsonl"}
    assert "gone.jsonl" in run_job("logits", gone, tmp_path / "out").refused("INPUT_MISSING")
    rows = write_rows(tmp_path / "rows.jsonl", [])
    assert '"model"' in run_job("logits", {"rows": rows}, tmp_path / "out").refused("INPUT_MISSING")
