"""
Every kind of training, killed with -9 at random moments: run again, it ends with the bytes of one that was not killed.

`COGUMI_TRAINING_KILLS` kills so many times, each kind in turn; `COGUMI_KILL_SEED` draws other moments.
"""

import os
import random
import signal
import time

import pytest
import torch
from conftest import chat_row, llama_source, tiny_model, write_job, write_rows
from test_distributed import end_of, run_processes, start_processes
from test_loop import result_bytes

KILLS = int(os.environ.get("COGUMI_TRAINING_KILLS", "2"))
SEED = os.environ.get("COGUMI_KILL_SEED", "1")

SMALL = {"batchTokens": 200, "checkpointEverySteps": 4, "validateEverySteps": 5, "precision": "f32"}
TRAIN = {**SMALL, "maxSteps": 40, "patience": 50}
EPISODES = {**TRAIN, "episodesPerStep": 2, "innerSteps": 2}
# Name, job, processes, whether the frozen weights are shared out among them, options.
KINDS = [
    ("pretrain, Muon", "pretrain", 1, False, {**SMALL, "steps": 40}),
    ("pretrain, AdamW, packed", "pretrain", 1, False, {**SMALL, "steps": 40, "optimizer": "adamw", "batching": "pack"}),
    ("LoRA", "train", 1, False, {**TRAIN, "dropout": 0.2}),
    ("LoRA, packed, bf16", "train", 1, False, {**TRAIN, "batching": "pack", "precision": "bf16", "maxSteps": 15}),
    ("DoRA, Muon", "train", 1, False, {**TRAIN, "adapter": "dora", "optimizer": "muon"}),
    ("rsLoRA, recomputed activations", "train", 1, False, {**TRAIN, "adapter": "rslora", "gradientCheckpointing": True}),
    ("LoRA, Reptile", "train", 1, False, {**EPISODES, "objective": "reptile"}),
    ("LoRA, first-order MAML", "train", 1, False, {**EPISODES, "objective": "fomaml"}),
    ("LoRA, ANIL", "train", 1, False, {**EPISODES, "objective": "anil"}),
    ("draft", "draft", 1, False, {**TRAIN, "layers": 2, "learningRate": 3e-3}),
    ("embeddings of a trimmed vocabulary", "trim-vocabulary", 1, False, {**SMALL, "size": 300, "tuneSteps": 40}),
    ("LoRA, two processes", "train", 2, False, {**TRAIN, "dropout": 0.2}),
    ("LoRA, two processes that share the base", "train", 2, True, {**TRAIN, "microBatchTokens": 100}),
]
# The first kinds of a short run are others in each seed.
ORDER = random.Random(SEED).sample(KINDS, len(KINDS))
# Seconds from the first event to the end, by kind, of the run that nobody kills.
SECONDS: dict[str, float] = {}


@pytest.fixture(scope="module")
def inputs(tokenizer, tmp_path_factory):
    llama_source()
    folder = tmp_path_factory.mktemp("killed")
    tiny_model(tokenizer, 5, num_hidden_layers=4).to(torch.bfloat16).save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    rows = write_rows(folder / "rows.jsonl", [chat_row(number) for number in range(60)])
    return {"model": folder / "model", "rows": rows, "validation": rows, "heldOut": rows}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Folder of what a kind makes when nobody kills it."""
    return tmp_path_factory.mktemp("whole")


def seconds_after_first_event(processes):
    """Waits for the end; answers how long after its first event that came."""
    processes[0].stdout.readline()
    first = time.monotonic()
    end_of(processes)
    return time.monotonic() - first


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_a_random_moment_it_ends_with_the_same_bytes(number, inputs, whole, tmp_path, capsys):
    name, job, count, shard, options = ORDER[number % len(ORDER)]
    if name not in SECONDS:
        SECONDS[name] = seconds_after_first_event(
            start_processes(count, write_job(job, inputs, whole / name, shard=shard, **options))
        )

    share = random.Random(f"{SEED}/{number}")
    state = tmp_path / "killed/checkpoint/state.pt"
    path = write_job(job, inputs, tmp_path / "killed", shard=shard, **options)
    killed = False
    # A run that is faster than the first may be done before its moment: another one is drawn.
    while not killed:
        processes = start_processes(count, path)
        processes[0].stdout.readline()
        time.sleep(share.random() * SECONDS[name])
        for process in processes:
            process.kill()
        for process in processes:
            process.communicate()
        assert processes[0].returncode in (0, -signal.SIGKILL)
        killed = processes[0].returncode != 0
    step = torch.load(state, weights_only=True)["step"] if state.exists() else 0
    run_processes(count, path)
    with capsys.disabled():
        print(f"\n  {name}: killed, newest checkpoint at step {step}", end="")
    assert result_bytes(tmp_path / "killed") == result_bytes(whole / name)
