"""Draft models: a part of a model's layers that learns to say what the whole model says."""

import json
import os
import signal
from pathlib import Path

import pytest
import torch
from conftest import chat_row, run_job, tiny_model, write_rows
from torch.nn import functional

from cogumi_engine.distillation import Divergence
from cogumi_engine.jobs.draft import _spread
from cogumi_engine.models import load_model

OPTIONS = {"layers": 2, "maxSteps": 12, "batchTokens": 256, "learningRate": 3e-3, "checkpointEverySteps": 5, "precision": "f32"}


@pytest.fixture(scope="module")
def inputs(tokenizer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    model = tiny_model(tokenizer, 5, num_hidden_layers=4)
    with torch.no_grad():  # Random models say next to nothing of a position: wider logits make it matter.
        model.model.norm.weight.mul_(4)
    model.save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    rows = write_rows(folder / "rows.jsonl", [chat_row(number) for number in range(40)])
    validation = write_rows(folder / "validation.jsonl", [chat_row(number) for number in range(40, 52)])
    return {"model": folder / "model", "rows": rows, "validation": validation}


@pytest.mark.parametrize("piece", [4, 1000])
def test_divergence_is_that_of_whole_distributions_with_its_gradient(monkeypatch, piece):
    torch.manual_seed(1)
    positions, width, vocabulary = 9, 8, 50
    hidden = torch.randn(positions, width, requires_grad=True)
    known, weight = torch.randn(positions, width), torch.randn(vocabulary, width)
    monkeypatch.setattr("cogumi_engine.head_loss.CHUNK_BYTES", piece * 4 * vocabulary)
    losses, overlaps, agreements = Divergence.apply(hidden, known, weight, None)
    factors = torch.arange(1.0, positions + 1)
    (losses * factors).sum().backward()
    gradient = hidden.grad.clone()

    hidden.grad = None
    p, log_q = (known @ weight.T).softmax(-1), (hidden @ weight.T).log_softmax(-1)
    plain = functional.kl_div(log_q, p, reduction="none").sum(-1)
    (plain * factors).sum().backward()
    assert torch.allclose(losses, plain, atol=1e-5)
    assert torch.allclose(gradient, hidden.grad, atol=1e-4)
    assert torch.allclose(overlaps, torch.minimum(p, log_q.exp()).sum(-1), atol=1e-6)
    assert agreements.tolist() == [float(a == b) for a, b in zip(p.argmax(-1), log_q.argmax(-1), strict=True)]


def test_a_teacher_is_its_own_perfect_student():
    known, weight = torch.randn(5, 8), torch.randn(30, 8)
    losses, overlaps, agreements = Divergence.apply(known, known, weight, None)
    assert torch.allclose(losses, torch.zeros(5), atol=1e-6)
    assert torch.allclose(overlaps, torch.ones(5), atol=1e-6)
    assert agreements.sum() == 5


def test_layers_are_the_first_the_last_and_others_between():
    assert _spread(30, 4) == [0, 10, 19, 29]
    assert _spread(4, 2) == [0, 3]
    assert _spread(4, 1) == [0]


def test_it_learns_what_the_model_says_and_keeps_embeddings_and_head(inputs, tmp_path):
    facts = run_job("draft", inputs, tmp_path / "out", **OPTIONS).facts
    assert (facts["kept"], facts["layers"]) == ([0, 3], 2)
    assert facts["validationLossAfter"] < 0.8 * facts["validationLossBefore"]
    lines = [json.loads(line) for line in (tmp_path / "out/losses.jsonl").read_text().splitlines()]
    held_out = [line for line in lines if line["kind"] == "validation"]
    assert held_out[-1]["overlap"] > held_out[0]["overlap"] + 0.02
    assert facts["overlap"] == held_out[-1]["overlap"]
    assert 0 <= facts["agreement"] <= 1
    whole, draft = load_model(inputs["model"]), load_model(tmp_path / "out")
    assert torch.equal(whole.get_input_embeddings().weight, draft.get_input_embeddings().weight)
    assert torch.equal(whole.get_output_embeddings().weight, draft.get_output_embeddings().weight)
    assert not torch.equal(whole.model.layers[3].mlp.up_proj.weight, draft.model.layers[1].mlp.up_proj.weight)
    assert draft.config.num_hidden_layers == 2
    assert facts["parameters"] == sum(value.numel() for value in draft.parameters())


def test_a_killed_job_goes_on_to_the_same_bytes(inputs, tmp_path):
    from multiprocessing import get_context

    run_job("draft", inputs, tmp_path / "whole", **OPTIONS)
    process = get_context("spawn").Process(target=_run_until_checkpoint, args=(inputs, tmp_path / "killed"))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    run_job("draft", inputs, tmp_path / "killed", **OPTIONS)
    for name in ("model.safetensors", "losses.jsonl"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def _run_until_checkpoint(inputs: dict[str, Path], output: Path) -> None:
    from cogumi_engine.checkpoint import Checkpoint

    save = Checkpoint.save

    def save_and_die(self, *args):
        save(self, *args)
        os.kill(os.getpid(), signal.SIGKILL)

    Checkpoint.save = save_and_die
    run_job("draft", inputs, output, **OPTIONS)


def test_a_draft_has_fewer_layers_than_the_model(inputs, tmp_path):
    refused = run_job("draft", inputs, tmp_path / "out", **{**OPTIONS, "layers": 4}).refused("TOO_FEW_LAYERS")
    assert "has 4 layers; a draft of 4 layers would not be smaller" in refused


def test_logits_that_change_behind_the_head_are_refused(tokenizer, inputs, tmp_path):
    folder = tmp_path / "scaled"
    model = tiny_model(tokenizer, 5, num_hidden_layers=4)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "logit_scale": 0.5}))
    refused = run_job("draft", {**inputs, "model": folder}, tmp_path / "out", **OPTIONS).refused("MODEL_UNSUPPORTED")
    assert "has logit_scale" in refused
