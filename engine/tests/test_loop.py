"""The training loop: early stop, divergence, micro batches, other losses, and that a kill changes nothing."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from conftest import DEVICE, LONGEST_SECONDS, ROOT, Listed, chat_row, loop_options, run_job, tiny_model, write_job, write_rows
from safetensors.torch import load_file

from cogumi_engine.adapters import load_adapter
from cogumi_engine.batches import pad
from cogumi_engine.checkpoint import Checkpoint
from cogumi_engine.data import Batches
from cogumi_engine.device import prefers_bf16
from cogumi_engine.distributed import Distributed
from cogumi_engine.jobs import train
from cogumi_engine.loop import Trainer
from cogumi_engine.losses import LossSum, cross_entropy, token_losses
from cogumi_engine.models import load_model, load_tokenizer
from cogumi_engine.rows import encode, read_rows


def inputs_of(job, model_folder, rows):
    inputs = {"rows": rows, "validation": rows}
    return inputs if job == "pretrain" else {"model": model_folder, **inputs}


@pytest.fixture(scope="module")
def contradiction(tmp_path_factory):
    """What is validated contradicts what is trained, so that validation gets worse soon."""
    folder = tmp_path_factory.mktemp("contradiction")
    rows = [chat_row(number) for number in range(30)]
    against = [{**row, "answer": "It is not a colour."} for row in rows]
    return {"rows": write_rows(folder / "rows.jsonl", rows), "validation": write_rows(folder / "against.jsonl", against)}


def result_bytes(folder: Path) -> dict[str, bytes]:
    """The files that become an artifact: everything but working state."""
    files = [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".job.json" and not {"checkpoint", "work"} & set(path.parts)
    ]
    return {path.name: path.read_bytes() for path in files}


def kill_after_a_checkpoint(job: Path, checkpoint: Path) -> None:
    """Runs a job in a process of its own and kills it in the middle of a step after a checkpoint."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cogumi_engine", "run", str(job)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT / "engine")},
    )
    deadline = time.monotonic() + LONGEST_SECONDS
    while not checkpoint.exists() and time.monotonic() < deadline:
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was killed before it was done"


@pytest.mark.parametrize(
    ("job", "precision", "changes"),
    [
        ("pretrain", "bf16", {"batching": "group"}),
        ("train", "f32", {"batching": "pack"}),
        ("train", "f32", {"objective": "reptile"}),
    ],
)
def test_a_killed_job_ends_with_the_bytes_of_an_unkilled_one(job, precision, changes, model_folder, mixed_rows_file, tmp_path):
    inputs = inputs_of(job, model_folder, mixed_rows_file)
    # Several epochs, with rates, losses and the best weights to carry over; slow enough to be killed in the middle.
    steps = {"steps": 60} if job == "pretrain" else {"maxSteps": 60}
    if precision == "bf16" and not prefers_bf16(DEVICE):
        # Products are then emulated number by number: 220 to 260 s with steps of 512 tokens (measured with AVX2).
        steps |= {"batchTokens": 128}
    options = {"precision": precision, "checkpointEverySteps": 7, "patience": 50, **steps, **changes}
    unkilled = run_job(job, inputs, tmp_path / "unkilled", **options)
    assert unkilled.facts["steps"] == 60

    killed = tmp_path / "killed"
    kill_after_a_checkpoint(write_job(job, inputs, killed, **options), killed / "checkpoint/state.pt")
    at = torch.load(killed / "checkpoint/state.pt", weights_only=True)["step"]
    assert 0 < at < 60 and at % 7 == 0
    resumed = run_job(job, inputs, killed, **options)
    assert resumed.facts == unkilled.facts
    assert result_bytes(killed) == result_bytes(tmp_path / "unkilled")
    first = next(event["done"] for event in resumed.events if event["event"] == "progress")
    assert first > at, "work before the checkpoint is not repeated"


@pytest.mark.parametrize(("patience", "objective"), [(0, "supervised"), (2, "supervised"), (0, "fomaml")])
def test_it_resumes_from_every_checkpoint_alike(patience, objective, model_folder, contradiction, tmp_path, monkeypatch):
    """Slower than the kill and complete: a job resumes once from each checkpoint, those after the best weights too."""
    inputs = {"model": model_folder, **contradiction}
    options = {"checkpointEverySteps": 1, "validateEverySteps": 2, "patience": patience, "objective": objective}
    if patience:
        options |= {"maxSteps": 200, "learningRate": 2e-2}
    save = Checkpoint.save

    def save_and_keep(checkpoint, state, random):
        save(checkpoint, state, random)
        shutil.copyfile(checkpoint.path, tmp_path / f"state-{state['step']}.pt")

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "save", save_and_keep)
        facts = run_job("train", inputs, tmp_path / "whole", **options).facts
    kept = sorted(tmp_path.glob("state-*.pt"))
    assert len(kept) == (facts["steps"] if patience else 7)
    assert facts["stoppedEarly"] == bool(patience) and facts["steps"] - facts["keptStep"] == 2 * patience
    for state in kept:
        folder = tmp_path / state.stem
        (folder / "checkpoint").mkdir(parents=True)
        shutil.copyfile(state, folder / "checkpoint/state.pt")
        run_job("train", inputs, folder, **options)
        assert result_bytes(folder) == result_bytes(tmp_path / "whole"), state.name


def test_equal_jobs_give_equal_bytes_and_another_seed_gives_others(mixed_rows_file, tmp_path):
    inputs = inputs_of("pretrain", None, mixed_rows_file)
    first, second = (run_job("pretrain", inputs, tmp_path / name) for name in ("first", "second"))
    assert first.facts == second.facts and result_bytes(tmp_path / "first") == result_bytes(tmp_path / "second")
    job = write_job("pretrain", inputs, tmp_path / "third")
    job.write_text(json.dumps({**json.loads(job.read_text()), "seed": 8}))
    from conftest import Ran

    assert Ran(job).facts["rows"] == 60
    assert result_bytes(tmp_path / "third")["model.safetensors"] != result_bytes(tmp_path / "first")["model.safetensors"]


def test_a_checkpoint_of_another_job_is_refused(model_folder, rows_file, mixed_rows_file, tmp_path):
    inputs = inputs_of("train", model_folder, rows_file)
    run_job("train", inputs, tmp_path / "out")
    run_job("train", inputs, tmp_path / "out", learningRate=5e-3).refused("CHECKPOINT_FOREIGN")
    run_job("train", {**inputs, "rows": mixed_rows_file}, tmp_path / "out").refused("CHECKPOINT_FOREIGN")
    state = tmp_path / "out/checkpoint/state.pt"
    whole = torch.load(state, weights_only=True)
    torch.save({**whole, "format": 1}, state)
    assert "is in format 1" in run_job("train", inputs, tmp_path / "out").refused("CHECKPOINT_FOREIGN")
    torch.save(whole, state)
    state.write_bytes(state.read_bytes()[:-100])
    run_job("train", inputs, tmp_path / "out").refused("CHECKPOINT_CORRUPT")


@pytest.mark.parametrize("job", ["pretrain", "train"])
def test_packing_and_grouping_learn_the_same(job, model_folder, mixed_rows_file, tmp_path):
    inputs = inputs_of(job, model_folder, mixed_rows_file)
    ends = [run_job(job, inputs, tmp_path / way, batching=way).facts["validationLossAfter"] for way in ("group", "pack")]
    assert ends[0] == pytest.approx(ends[1], abs=1e-3)


@pytest.mark.parametrize("job", ["pretrain", "train"])
def test_gradient_checkpointing_changes_only_memory(job, model_folder, rows_file, tmp_path):
    inputs = inputs_of(job, model_folder, rows_file)
    ends = [run_job(job, inputs, tmp_path / str(on), gradientCheckpointing=on).facts["validationLossAfter"] for on in (False, True)]
    assert ends[0] == pytest.approx(ends[1], abs=1e-4)


def test_training_lowers_the_loss_that_it_reports_and_writes(model_folder, rows_file, tmp_path):
    ran = run_job("train", inputs_of("train", model_folder, rows_file), tmp_path / "out", maxSteps=20)
    assert ran.facts["validationLossAfter"] < 0.7 * ran.facts["validationLossBefore"]
    written = [json.loads(line) for line in (tmp_path / "out/losses.jsonl").read_text().splitlines()]
    metrics = [(event["name"], event["step"]) for event in ran.events if event["event"] == "metric"]
    assert [metric for metric in metrics if metric[0].endswith("-loss")] == [
        (f"{row['kind']}-loss", row["step"]) for row in written
    ]
    last = [row for row in written if row["kind"] == "train"][-1]
    assert set(last) == {"step", "kind", "loss", "gradientNorm", "learningRate", "tokens"}
    assert last["gradientNorm"] > 0
    assert 0 < last["learningRate"] < 1e-2, "the cosine is past its peak of 0.01"
    assert 20 * 256 < last["tokens"] <= 20 * 512, "steps of up to 512 tokens"
    assert [row["step"] for row in written if row["kind"] == "validation"] == [0, 5, 10, 15, 20]
    progress = [event for event in ran.events if event["event"] == "progress"]
    assert progress[-1]["done"] == progress[-1]["total"] == 20 and progress[-1]["memoryBytes"] > 1e8


def test_without_gain_it_stops_and_keeps_the_best_weights(model_folder, contradiction, tmp_path):
    inputs = {"model": model_folder, **contradiction}
    options = {"maxSteps": 200, "validateEverySteps": 2, "learningRate": 3e-3}
    ran = run_job("train", inputs, tmp_path / "out", patience=3, **options)
    losses = [json.loads(line) for line in (tmp_path / "out/losses.jsonl").read_text().splitlines()]
    validations = {row["step"]: row["loss"] for row in losses if row["kind"] == "validation"}
    facts = ran.facts
    assert facts["stoppedEarly"] and facts["steps"] == facts["keptStep"] + 6 < 200
    assert facts["validationLossAfter"] == validations[facts["keptStep"]] < min(list(validations.values())[-3:])

    model, tokenizer = load_adapter(load_model(model_folder), tmp_path / "out").get_base_model(), load_tokenizer(model_folder)
    rows = [encode(tokenizer, row, 0.0) for row in read_rows(contradiction["validation"])]
    with torch.no_grad():
        kept = token_losses(model, pad(rows, tokenizer.pad_token_id)).mean()
    assert float(kept) == pytest.approx(facts["validationLossAfter"], abs=1e-3)


@pytest.mark.parametrize("rate", [1e-7, 50.0])
def test_training_that_never_gains_says_so_with_both_losses(rate, model_folder, contradiction, tmp_path):
    options = {"patience": 2, "learningRate": rate, "validateEverySteps": 1, "maxSteps": 50}
    ran = run_job("train", {"model": model_folder, **contradiction}, tmp_path / "out", **options)
    message = ran.refused("NO_GAIN")
    losses = {event["step"]: round(event["value"], 6) for event in ran.events if event.get("name") == "validation-loss"}
    lowest = min((loss, step) for step, loss in losses.items() if step > 0)
    assert lowest[0] > losses[0] - 1e-3 and len(losses) == 3
    for said in (f"{losses[0]} before", f"{lowest[0]} (step {lowest[1]})", "step 2 of 50"):
        assert said in message
    assert str(rate) in ran.last["hint"] and "patience: 0" in ran.last["hint"]
    assert not (tmp_path / "out/adapter_model.safetensors").exists()


def test_without_patience_it_runs_to_the_end(model_folder, rows_file, tmp_path):
    facts = run_job(
        "train", inputs_of("train", model_folder, rows_file), tmp_path / "out", learningRate=1e-7, validateEverySteps=1
    ).facts
    assert not facts["stoppedEarly"] and facts["steps"] == facts["keptStep"] == 8


def test_a_loss_that_runs_away_ends_the_job(model_folder, rows_file, tmp_path, monkeypatch):
    def runaway(model, batch):
        return LossSum(token_losses(model, batch).sum() * math.inf, batch.total_weight())

    monkeypatch.setattr(train, "cross_entropy", runaway)
    message = run_job("train", inputs_of("train", model_folder, rows_file), tmp_path / "out").refused("DIVERGED")
    assert "step 0" in message and "0.01" in message
    assert not (tmp_path / "out/adapter_model.safetensors").exists()


def test_a_step_weighs_tokens_by_their_weights(model_folder, rows_file, tmp_path):
    """With prompts weighing nothing, the loss of a pretraining step is the mean over answers, as in validation."""
    ran = run_job(
        "pretrain", inputs_of("pretrain", None, rows_file), tmp_path / "out", promptLossWeight=0, batchTokens=100_000, steps=1
    )
    losses = {event["name"]: event["value"] for event in ran.events if event["event"] == "metric" and event["step"] <= 1}
    first = next(event["value"] for event in ran.events if event["event"] == "metric" and event["step"] == 0)
    assert losses["train-loss"] == pytest.approx(first, abs=1e-4)


def test_a_full_disk_is_reported_and_leaves_the_last_checkpoint(model_folder, rows_file, tmp_path):
    inputs = inputs_of("train", model_folder, rows_file)
    run_job("train", inputs, tmp_path / "whole")
    folder = tmp_path / "out"
    (folder / "checkpoint").mkdir(parents=True)
    (folder / "checkpoint/state.pt.tmp").symlink_to("/dev/full")
    run_job("train", inputs, folder).refused("DISK_FULL")
    assert not (folder / "checkpoint/state.pt").exists()
    (folder / "checkpoint/state.pt.tmp").unlink()
    (folder / "losses.jsonl.tmp").symlink_to("/dev/full")
    run_job("train", inputs, folder).refused("DISK_FULL")
    assert not (folder / "losses.jsonl").exists()
    (folder / "losses.jsonl.tmp").unlink()
    run_job("train", inputs, folder)
    assert result_bytes(folder) == result_bytes(tmp_path / "whole")


def test_a_pretrained_folder_is_a_whole_model(mixed_rows_file, tmp_path):
    facts = run_job("pretrain", inputs_of("pretrain", None, mixed_rows_file), tmp_path / "out").facts
    assert facts["architecture"] == "LlamaForCausalLM" and facts["parameters"] > 1e5
    config = json.loads((tmp_path / "out/config.json").read_text())
    assert config["tie_word_embeddings"] and config["rms_norm_eps"] == 1e-5 and config["dtype"] == "bfloat16"
    assert config["rope_parameters"]["rope_theta"] == 300
    assert {value.dtype for value in load_file(tmp_path / "out/model.safetensors").values()} == {torch.bfloat16}
    tokenizer = load_tokenizer(tmp_path / "out")
    assert (tokenizer.eos_token, tokenizer.pad_token) == ("<|im_end|>", "<|endoftext|>")
    assert [tokenizer.convert_tokens_to_ids(mark) for mark in ("<|endoftext|>", "<|im_start|>", "<|im_end|>")] == [0, 1, 2]
    assert load_model(tmp_path / "out").config.eos_token_id == 2


class Heard:
    """A reporter that remembers."""

    def __init__(self):
        self.rates = []

    def progress(self, done, total, unit, tokens_per_second=None):
        self.rates.append(tokens_per_second)

    def metric(self, name, step, value):
        pass


def make_trainer(model, examples, folder, loss=cross_entropy, reporter=None, episodes=None, **changes):
    options = loop_options(**changes)
    data = Batches(rows=Listed(examples), options=options, padding=0, seed=1, device="cpu", episodes=episodes)
    return Trainer(
        model=model,
        loss=loss,
        rows=data,
        validation=data,
        options=options,
        bf16=False,
        checkpoint=Checkpoint(folder / "state.pt", "", "cpu"),
        reporter=reporter or Heard(),
        distributed=Distributed(),
    )


@pytest.mark.parametrize("batching", ["group", "pack"])
def test_micro_batches_bound_the_tokens_of_a_pass_and_keep_the_gradients_of_the_step(tokenizer, batching, tmp_path):
    examples = [encode(tokenizer, chat_row(number), 0.25) for number in range(40)]
    gradients, sizes = [], []

    def seen(model, batch):
        sizes.append(batch.ids.numel())
        return cross_entropy(model, batch)

    for most in (None, 300):
        sizes.clear()
        model = tiny_model(tokenizer)
        trainer = make_trainer(
            model, examples, tmp_path, seen, batching=batching, batchTokens=2000, microBatchTokens=most, gradientClip=1e9
        )
        for optimizer in trainer.optimizers:
            optimizer.zero_grad = lambda **_: None
        trainer._learn(next(trainer.rows.steps()), 0.0)
        gradients.append(torch.cat([value.grad.flatten() for value in model.parameters()]))
    assert len(sizes) > 4
    assert max(sizes) <= 300
    assert gradients[0].abs().max() > 1e-3
    torch.testing.assert_close(gradients[1], gradients[0], atol=1e-6, rtol=1e-5)


def test_micro_batches_learn_the_same(model_folder, mixed_rows_file, tmp_path):
    inputs = inputs_of("train", model_folder, mixed_rows_file)
    ends = [
        run_job("train", inputs, tmp_path / str(most), microBatchTokens=most).facts["validationLossAfter"] for most in (None, 130)
    ]
    assert ends[0] == pytest.approx(ends[1], abs=1e-4)


def test_a_loss_may_report_figures_of_its_own(tokenizer, tmp_path):
    """Distillation: the student's distribution moves to that of a teacher."""
    teacher, student = tiny_model(tokenizer, 1), tiny_model(tokenizer, 2)
    examples = [encode(tokenizer, chat_row(number), 0.0) for number in range(12)]

    def distillation(model, batch):
        chosen = batch.weights > 0
        said = model(input_ids=batch.ids).logits.log_softmax(-1)[chosen]
        with torch.no_grad():
            wanted = teacher(input_ids=batch.ids).logits.log_softmax(-1)[chosen]
        agree = float((said.argmax(-1) == wanted.argmax(-1)).sum())
        return LossSum((wanted.exp() * (wanted - said)).sum(), float(chosen.sum()), {"agreement": agree})

    losses = tmp_path / "losses.jsonl"
    facts = make_trainer(student, examples, tmp_path, distillation, maxSteps=None, learningRate=3e-2).train(60, losses)
    assert facts["validationLossAfter"] < 0.2 * facts["validationLossBefore"]
    assert facts["agreement"] > 0.5, "those of the weights that are kept are facts"
    lines = [json.loads(line) for line in losses.read_text().splitlines() if "validation" in line]
    assert lines[0]["agreement"] < 0.2
    assert lines[-1]["agreement"] > 0.5


def test_the_rate_counts_the_time_of_steps_only(tokenizer, tmp_path, monkeypatch):
    examples = [encode(tokenizer, chat_row(number), 0.0) for number in range(12)]
    clock = iter(range(10**6))
    monkeypatch.setattr("cogumi_engine.reporting.time.monotonic", lambda: next(clock))
    heard = Heard()
    trainer = make_trainer(tiny_model(tokenizer), examples, tmp_path, reporter=heard, batchTokens=100_000)
    validate = trainer._validate

    def slow_validation():
        validate()
        for _ in range(1000):
            next(clock)

    monkeypatch.setattr(trainer, "_validate", slow_validation)
    trainer.train(3, tmp_path / "losses.jsonl")
    # The clock ticks once per look at it: a step takes one second, however long validation takes.
    assert heard.rates == [sum(len(example.ids) for example in examples)] * 3


@pytest.mark.parametrize(("held_out", "validations"), [(6, 10), (60, 2), (600, 1)])
def test_validations_make_a_curve_and_take_at_most_a_tenth_of_the_time(model_folder, rows_file, tmp_path, held_out, validations):
    validation = write_rows(tmp_path / "validation.jsonl", [chat_row(number) for number in range(held_out)])
    inputs = {"model": model_folder, "rows": rows_file, "validation": validation}
    ran = run_job("train", inputs, tmp_path / "out", maxSteps=30, validateEverySteps=None)
    steps = [event["step"] for event in ran.events if event.get("name") == "validation-loss"]
    assert steps[0] == 0 and steps[-1] == 30
    # The one before training is not counted.
    assert abs(len(steps) - 1 - validations) <= 1
