"""Two processes train like one: the same losses, one set of files."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from conftest import LONGEST_SECONDS, ROOT, chat_row, run_job, write_job, write_rows
from safetensors.torch import load_file
from torch.distributed.elastic.multiprocessing.errors import ProcessFailure

from cogumi_engine.ranks import first_failure


def free_port():
    """Below those that Linux gives out by itself (32768 on), so that nobody gets it before the processes open it."""
    first = 20_000 + os.getpid() % 5000
    for port in range(first, first + 5000):
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def start_processes(count, job, *arguments):
    """What `torchrun --nproc-per-node COUNT -m cogumi_engine run JOB` starts, or a script in its place."""
    command = [str(job), *map(str, arguments)] if arguments else ["-m", "cogumi_engine", "run", str(job)]
    shared = {
        "PYTHONPATH": str(ROOT / "engine"),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "WORLD_SIZE": str(count),
    }
    return [
        subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
        )
        for rank in range(count)
    ]


def run_processes(count, job):
    """Runs a job in several processes to its end; answers each process's events."""
    return [[json.loads(line) for line in lines.splitlines()] for lines in end_of(start_processes(count, job))]


def end_of(processes):
    """Waits until all are done; answers what each said."""
    said = [process.communicate(timeout=LONGEST_SECONDS)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), said
    return said


def lines_of(folder):
    return [json.loads(line) for line in (folder / "losses.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("objective", [{}, {"objective": "fomaml", "episodesPerStep": 1, "innerSteps": 1}])
def test_two_processes_have_the_losses_of_one_and_one_of_them_writes(objective, model_folder, rows_file, tmp_path):
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    # Steps of 60 tokens hold one to three rows: some leave the second process without any.
    options = {"batchTokens": 60, "maxSteps": 12, "checkpointEverySteps": 5, **objective}
    one_process = run_job("train", inputs, tmp_path / "one", **options)
    main, other = run_processes(2, write_job("train", inputs, tmp_path / "two", **options))

    one, two = lines_of(tmp_path / "one"), lines_of(tmp_path / "two")
    assert [(line["step"], line["kind"], line["tokens"]) for line in two] == [
        (line["step"], line["kind"], line["tokens"]) for line in one
    ]
    for name in ("loss", "gradientNorm"):
        figures = [[line[name] for line in lines if name in line] for lines in (one, two)]
        assert figures[1] == pytest.approx(figures[0], abs=1e-5, rel=1e-5)
    left, right = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("one", "two"))
    for name, tensor in left.items():
        torch.testing.assert_close(right[name], tensor, atol=1e-4, rtol=1e-3)

    assert {event["event"] for event in main} >= {"progress", "metric", "done"}
    assert other == [], "only the main process reports"
    assert main[-1]["facts"]["validationLossAfter"] == pytest.approx(one_process.facts["validationLossAfter"], abs=1e-5)
    assert torch.load(tmp_path / "two/checkpoint/state.pt", weights_only=True)["step"] == 10


def test_killed_processes_with_dropout_continue_to_the_same_adapter(model_folder, rows_file, tmp_path):
    """Each process drops out values of rows of its own, so each continues with its own random state."""
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    options = {"batchTokens": 200, "maxSteps": 30, "checkpointEverySteps": 7, "dropout": 0.3}
    run_processes(2, write_job("train", inputs, tmp_path / "whole", **options))

    job, state = write_job("train", inputs, tmp_path / "killed", **options), tmp_path / "killed/checkpoint/state.pt"
    processes = start_processes(2, job)
    deadline = time.monotonic() + LONGEST_SECONDS
    while not state.exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    for process in processes:
        process.kill()
        process.communicate()
    assert 0 < torch.load(state, weights_only=True)["step"] < 30
    run_processes(2, job)
    for name in ("adapter_model.safetensors", "losses.jsonl"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_sharded_weights_give_the_bytes_of_whole_ones_also_after_a_kill(model_folder, rows_file, tmp_path):
    """FSDP2. Two micro batches or more a step, and steps that leave the second process fewer of them, or none."""
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    options = {"batchTokens": 150, "microBatchTokens": 60, "maxSteps": 20, "checkpointEverySteps": 7, "precision": "f32"}
    run_processes(2, write_job("train", inputs, tmp_path / "whole", **options))
    run_processes(2, write_job("train", inputs, tmp_path / "cut", shard=True, **options))

    job, state = write_job("train", inputs, tmp_path / "killed", shard=True, **options), tmp_path / "killed/checkpoint/state.pt"
    processes = start_processes(2, job)
    deadline = time.monotonic() + LONGEST_SECONDS
    while not state.exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    # One dies; the other waits for it until torchrun, or who plays it here, ends it.
    processes[1].kill()
    time.sleep(0.5)
    processes[0].kill()
    for process in processes:
        process.communicate()
    run_processes(2, job)
    for name in ("adapter_model.safetensors", "losses.jsonl"):
        for other in ("cut", "killed"):
            assert (tmp_path / other / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), (other, name)


def test_a_process_holds_its_share_of_the_frozen_weights(model_folder, tmp_path):
    script = tmp_path / "share.py"
    script.write_text(
        "import sys, torch\n"
        "from cogumi_engine.decoder_layers import decoder_layers\n"
        "from cogumi_engine.distributed import connect\n"
        "from cogumi_engine.models import load_model\n"
        "model = load_model(__import__('pathlib').Path(sys.argv[1])).requires_grad_(False)\n"
        "layers = decoder_layers(model, 'shard')\n"
        "count = lambda: sum(getattr(v, '_local_tensor', v).numel() for v in layers.parameters())\n"
        "whole, out = count(), model(torch.tensor([[1, 2, 3]])).logits\n"
        "connect('cpu').shard(layers)\n"
        "assert torch.equal(model(torch.tensor([[1, 2, 3]])).logits, out)\n"
        "print(count() / whole)\n"
    )
    said = [process.communicate(timeout=LONGEST_SECONDS)[0] for process in start_processes(2, script, model_folder)]
    assert [float(line) for line in said] == pytest.approx([0.5, 0.5], abs=0.01)


def test_more_processes_than_rows_are_refused(model_folder, rows_file, tmp_path):
    few = tmp_path / "few.jsonl"
    few.write_text(rows_file.read_text().splitlines()[0] + "\n")
    inputs = {"model": model_folder, "rows": few, "validation": rows_file}
    processes = start_processes(2, write_job("train", inputs, tmp_path / "job", maxSteps=2))
    for process in processes:
        error = json.loads(process.communicate(timeout=LONGEST_SECONDS)[0].splitlines()[-1])
        assert error["code"] == "TOO_FEW_ROWS"
        assert "2 processes" in error["message"] and "at most 1" in error["hint"]
    assert not (tmp_path / "job/adapter_model.safetensors").exists()


def test_a_process_ends_when_torchrun_is_killed(model_folder, rows_file, tmp_path):
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    job = write_job("train", inputs, tmp_path / "job", maxSteps=1000)
    torchrun, ranks = start_torchrun(job)
    torchrun.kill()
    torchrun.wait()
    deadline = time.monotonic() + LONGEST_SECONDS
    while any(is_running(rank) for rank in ranks) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [rank for rank in ranks if is_running(rank)]
    for rank in left:
        os.kill(rank, signal.SIGKILL)
    assert left == []


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_is_killed_is_named_whatever_the_other_says(rank, model_folder, rows_file, tmp_path):
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    torchrun, ranks = start_torchrun(write_job("train", inputs, tmp_path / "job", maxSteps=1000))
    os.kill(ranks[rank], signal.SIGKILL)
    *others, last = map(json.loads, torchrun.communicate(timeout=LONGEST_SECONDS)[0].splitlines())
    assert torchrun.returncode == 1
    assert (last["event"], last["code"]) == ("error", "RANK_DIED")
    assert f"Rank {rank} of the 2 processes" in last["message"] and "SIGKILL" in last["message"]
    assert "devices" in last["hint"] and "checkpoint" in last["hint"]
    assert not any(event["event"] == "error" for event in others)


def test_what_both_say_is_said_once(model_folder, rows_file, tmp_path):
    few = write_rows(tmp_path / "few.jsonl", [chat_row(0)])
    job = write_job("train", {"model": model_folder, "rows": few, "validation": rows_file}, tmp_path / "job", maxSteps=2)
    said = torchrun_of(job).communicate(timeout=LONGEST_SECONDS)[0]
    assert [event["code"] for event in map(json.loads, said.splitlines()) if event["event"] == "error"] == ["TOO_FEW_ROWS"]


def failure(exitcode, code=None, at=0.0, file=None):
    """What `torchrun` knows of a process that failed; with `code`, what that process said of it in a file."""
    if code:
        file.write_text(json.dumps({"message": code, "timestamp": at, "event": {"event": "error", "code": code}}))
    return ProcessFailure(local_rank=0, pid=1, exitcode=exitcode, error_file=str(file) if code else "")


@pytest.mark.parametrize(
    ("found", "code", "says"),
    [
        # The connection of rank 0 broke since rank 1 was killed; both were found at the same look.
        ([(1, "ENGINE_FAILED", 2.0), (-9, None, 0)], "RANK_DIED", "Rank 1 .*SIGKILL"),
        ([(-11, None, 0), (-15, None, 0)], "RANK_DIED", "Rank 0 .*SIGSEGV"),
        # The other was ended by torchrun.
        ([(1, "ENGINE_FAILED", 2.0), (-15, None, 0)], "ENGINE_FAILED", ""),
        ([(-15, None, 0), (1, "ENGINE_FAILED", 2.0)], "RANK_DIED", "Rank 0 .*SIGTERM"),
        # What rank 1 said first is the cause, and an error with a code of its own before any other.
        ([(1, "DISK_FULL", 3.0), (1, "OUT_OF_MEMORY", 2.0)], "OUT_OF_MEMORY", ""),
        ([(1, "ENGINE_FAILED", 1.0), (-6, "DISK_FULL", 3.0)], "DISK_FULL", ""),
        ([(3, None, 0)], "RANK_DIED", "Rank 0 .*exit code 3"),
    ],
)
def test_the_first_failure_is_told_from_those_that_follow(found, code, says, tmp_path):
    failures = {rank: failure(*one, tmp_path / f"{rank}.json") for rank, one in enumerate(found)}
    event = first_failure(failures, 2)
    assert event["code"] == code
    assert re.search(says, event.get("message", ""))


def torchrun_of(job):
    command = [sys.executable, "-m", "cogumi_engine.ranks", "2", "run", str(job)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "engine"), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)


def start_torchrun(job):
    """Two processes at work, and their ids by rank."""
    torchrun = torchrun_of(job)
    first = json.loads(torchrun.stdout.readline())
    assert first["event"] in {"progress", "metric"}, first
    ranks = {rank_of(pid): pid for pid in children_of(torchrun.pid)}
    assert sorted(ranks) == [0, 1]
    return torchrun, [ranks[0], ranks[1]]


def rank_of(pid):
    return int(re.search(r"\0RANK=(\d+)", Path(f"/proc/{pid}/environ").read_text())[1])


def children_of(parent):
    return [pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if f"PPid:\t{parent}\n" in status_of(pid)]


def status_of(pid):
    """Empty where it has ended."""
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return ""


def is_running(pid):
    status = status_of(pid)
    return status != "" and "State:\tZ" not in status
