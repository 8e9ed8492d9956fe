"""Fuse, evaluate, embed and reference, against slow obvious twins."""

import json

import pytest
import torch
from conftest import chat_row, run_job, text_row, write_rows
from safetensors.torch import load_file

from cogumi_engine.models import load_adapter, load_model, load_tokenizer
from cogumi_engine.rows import prompt_text


@pytest.fixture(scope="module")
def adapter(model_folder, rows_file, tmp_path_factory):
    """One that was really trained."""
    output = tmp_path_factory.mktemp("adapter")
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    assert run_job("train", inputs, output).facts["parameters"] > 0
    return output


def read_jsonl(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def logits(model, ids):
    with torch.no_grad():
        return model(input_ids=torch.tensor([ids])).logits[0]


def test_an_adapter_folder_names_no_machine_and_has_pefts_names(adapter, model_folder):
    config = json.loads((adapter / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "base"
    assert str(model_folder.parent) not in "".join(path.read_text() for path in adapter.glob("*.json") if path.name != ".job.json")
    tensors = load_file(adapter / "adapter_model.safetensors")
    assert all(name.startswith("base_model.model.model.layers.") for name in tensors)
    assert {value.dtype for value in tensors.values()} == {torch.float32}
    assert not (adapter / "README.md").exists()


def test_the_merged_model_says_what_base_and_adapter_say(model_folder, adapter, rows_file, tmp_path):
    ran = run_job("fuse", {"model": model_folder, "adapter": adapter, "rows": rows_file}, tmp_path / "out")
    assert json.loads((tmp_path / "out/proof.json").read_text()).items() <= ran.facts.items()

    tokenizer = load_tokenizer(tmp_path / "out")
    ids = tokenizer.encode(prompt_text(tokenizer, chat_row(50)))
    merged = logits(load_model(tmp_path / "out"), ids)
    base = logits(load_model(model_folder), ids)
    both = logits(load_adapter(load_model(model_folder), adapter), ids)
    difference = (merged - both).abs().max()
    assert difference < 0.2 * (merged - base).abs().max()
    assert ran.facts["maxAbsoluteDifference"] < 0.5 and ran.facts["differenceFromBase"] > 0.05
    assert ran.facts["greedyAgreement"] > 0.9
    types = {value.dtype for value in load_file(tmp_path / "out/model.safetensors").values()}
    assert types == {torch.bfloat16}, "stored as its base is"


def test_losses_of_answers_are_those_of_one_row_at_a_time(model_folder, adapter, tmp_path):
    rows = [chat_row(number) for number in range(9)] + [text_row(1), {**chat_row(20), "question": "long " * 300}]
    inputs = {"model": model_folder, "adapter": adapter, "rows": write_rows(tmp_path / "rows.jsonl", rows)}
    facts = run_job("evaluate", inputs, tmp_path / "out", batchTokens=256).facts
    assert (facts["rows"], facts["tooLong"]) == (9, 1)
    model, tokenizer = load_adapter(load_model(model_folder), adapter), load_tokenizer(model_folder)
    lines = read_jsonl(tmp_path / "out/losses.jsonl")
    assert [line["question_id"] for line in lines] == [row["question_id"] for row in rows[:9]]
    for row, line in zip(rows, lines, strict=False):
        prompt = tokenizer.encode(prompt_text(tokenizer, row))
        answer = tokenizer.encode(row["answer"] + "<|im_end|>")
        losses = torch.nn.functional.cross_entropy(
            logits(model, prompt + answer)[:-1], torch.tensor((prompt + answer)[1:]), reduction="none"
        )
        assert line["answerTokens"] == len(answer) and line["promptTokens"] == len(prompt) - 1
        assert line["answerLoss"] == pytest.approx(losses[-len(answer) :].mean().item(), abs=1e-4)
        assert line["promptLoss"] == pytest.approx(losses[: -len(answer)].mean().item(), abs=1e-4)


def test_a_vector_is_the_mean_of_a_prompts_last_hidden_states(model_folder, tmp_path):
    rows = [chat_row(number) for number in range(5)]
    inputs = {"model": model_folder, "rows": write_rows(tmp_path / "rows.jsonl", rows)}
    facts = run_job("embed", inputs, tmp_path / "out").facts
    assert facts == {"rows": 5, "cut": 0, "width": 64}
    vectors = load_file(tmp_path / "out/embeddings.safetensors")["embeddings"]
    assert json.loads((tmp_path / "out/ids.json").read_text()) == [row["question_id"] for row in rows]
    model, tokenizer = load_model(model_folder), load_tokenizer(model_folder)
    for row, vector in zip(rows, vectors, strict=True):
        ids = tokenizer.encode(prompt_text(tokenizer, row))
        with torch.no_grad():
            states = model(input_ids=torch.tensor([ids]), output_hidden_states=True).hidden_states[-1][0]
        assert torch.allclose(vector, states.mean(0), atol=1e-4)


def test_the_reference_holds_the_logits_and_the_greedy_text_of_each_prompt(model_folder, rows_file, tmp_path):
    assert run_job("reference", {"model": model_folder, "rows": rows_file}, tmp_path / "out").facts == {"prompts": 3}
    stored = load_file(tmp_path / "out/logits.safetensors")
    model, tokenizer = load_model(model_folder), load_tokenizer(model_folder)
    lines = read_jsonl(tmp_path / "out/reference.jsonl")
    assert len(lines) == len(stored) == 3
    for number, line in enumerate(lines):
        assert line["prompt"] == prompt_text(tokenizer, chat_row(number)) and tokenizer.decode(line["ids"]) == line["prompt"]
        assert torch.allclose(stored[str(number)], logits(model, line["ids"]), atol=1e-4)
        ids = list(line["ids"])  # without a cache
        for _ in range(6):
            token = int(logits(model, ids)[-1].argmax())
            if token == tokenizer.eos_token_id:
                break
            ids.append(token)
        assert ids[len(line["ids"]) :] == line["greedyIds"]
