"""`merge` and `logits`, against slow and obvious computations of the same."""

import json

import pytest
import torch
from conftest import chat_row, run_job
from safetensors.torch import load_file

from cogumi_engine.adapters import load_adapter
from cogumi_engine.models import load_model, load_tokenizer
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
    ran = run_job("merge", {"model": model_folder, "adapter": adapter, "rows": rows_file}, tmp_path / "out")
    assert json.loads((tmp_path / "out/proof.json").read_text()).items() <= ran.facts.items()

    tokenizer = load_tokenizer(tmp_path / "out")
    ids = tokenizer.encode(prompt_text(tokenizer, chat_row(50)))
    merged = logits(load_model(tmp_path / "out"), ids)
    base = logits(load_model(model_folder), ids)
    both = logits(load_adapter(load_model(model_folder), adapter), ids)
    assert (merged - both).abs().max() < 0.2 * (merged - base).abs().max()
    facts = ran.facts
    assert facts["mergeError"] < 1e-4 and facts["effect"] > facts["roundingNoise"] and facts["rounding"] > 0
    assert facts["rounding"] == pytest.approx(min(facts["roundingToNearest"], facts["roundingNoise"]), rel=1e-3)
    assert facts["agreement"] > 0.9 and facts["loss"] == pytest.approx(facts["lossInF32"], rel=0.01)
    assert facts["precision"] == "bfloat16"
    types = {value.dtype for value in load_file(tmp_path / "out/model.safetensors").values()}
    assert types == {torch.bfloat16}, "stored as its base is"


def test_logits_and_greedy_text_are_those_of_each_prompt(model_folder, rows_file, tmp_path):
    assert run_job("logits", {"model": model_folder, "rows": rows_file}, tmp_path / "out").facts["prompts"] == 3
    stored = load_file(tmp_path / "out/logits.safetensors")
    model, tokenizer = load_model(model_folder), load_tokenizer(model_folder)
    lines = read_jsonl(tmp_path / "out/prompts.jsonl")
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


def test_a_merge_at_half_strength_is_half_way_between_base_and_tuned_model(model_folder, adapter, rows_file, tmp_path):
    inputs = {"model": model_folder, "adapter": adapter, "rows": rows_file}
    whole = run_job("merge", inputs, tmp_path / "whole")
    half = run_job("merge", inputs, tmp_path / "half", strength=0.5)
    weights = [load_model(folder).state_dict() for folder in (model_folder, tmp_path / "whole", tmp_path / "half")]
    changed = 0
    for name, base in weights[0].items():
        tuned, between = weights[1][name], weights[2][name]
        changed += int((tuned != base).any())
        # bf16 has 8 bits of precision: three roundings.
        torch.testing.assert_close(between, (base + tuned) / 2, rtol=0.02, atol=1e-3)
    assert changed > 0
    assert half.facts["mergeError"] < 1e-4 and 0 < half.facts["effect"] < whole.facts["effect"]
