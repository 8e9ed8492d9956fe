"""Two processes train like one: the same losses, one set of files."""

import json
import os
import socket
import subprocess
import sys

import pytest
import torch
from conftest import ROOT, run_job, write_job
from safetensors.torch import load_file


def run_processes(count, job):
    """What `torchrun --nproc-per-node COUNT -m cogumi_engine run JOB` starts; answers each process's events."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"PYTHONPATH": str(ROOT / "engine"), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(count)}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "cogumi_engine", "run", str(job)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
        )
        for rank in range(count)
    ]
    said = [process.communicate(timeout=300)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * count, said
    return [[json.loads(line) for line in lines.splitlines()] for lines in said]


def lines_of(folder):
    return [json.loads(line) for line in (folder / "losses.jsonl").read_text().splitlines()]


def test_two_processes_have_the_losses_of_one_and_one_of_them_writes(model_folder, rows_file, tmp_path):
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    # Steps of 60 tokens hold one to three rows: some leave the second process without any.
    options = {"batchTokens": 60, "maxSteps": 12, "checkpointEverySteps": 5}
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
    assert [event["event"] for event in other] == ["done"], "only the main process reports"
    assert main[-1]["facts"] == other[-1]["facts"]
    assert main[-1]["facts"]["validationLossAfter"] == pytest.approx(one_process.facts["validationLossAfter"], abs=1e-5)
    assert torch.load(tmp_path / "two/checkpoint/state.pt", weights_only=True)["step"] == 10
