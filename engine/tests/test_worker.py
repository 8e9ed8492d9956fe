"""The process itself: events on descriptor 3, nothing on stdout, and it never outlives who started it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from conftest import EVENT_SCHEMA, LONGEST_SECONDS, ROOT, write_job


class Worker:
    """A worker with its descriptors at hand."""

    def __init__(self, stdout: Path, stderr: Path) -> None:
        read, write = os.pipe()
        # The child finds the pipe as 3: moved there by a shell, since the number here is any.
        command = f'exec "$0" -m cogumi_engine.worker 3>&{write} {write}>&-'
        self.process = subprocess.Popen(
            ["bash", "-c", command, sys.executable],
            stdin=subprocess.PIPE,
            stdout=stdout.open("wb"),
            stderr=stderr.open("wb"),
            pass_fds=[write],
            env={**os.environ, "PYTHONPATH": str(ROOT / "engine")},
            text=True,
        )
        os.close(write)
        self.events = os.fdopen(read)

    def start(self, *jobs: Path) -> None:
        self.process.stdin.write("".join(f"{job}\n" for job in jobs))
        self.process.stdin.flush()

    def next(self, *names: str) -> dict:
        """The next event of one of these names, each line checked."""
        for line in self.events:
            event = json.loads(line)
            jsonschema.validate(event, EVENT_SCHEMA)
            if event["event"] in names:
                return event
        raise AssertionError("the worker ended")


@pytest.fixture
def worker(tmp_path):
    started = Worker(tmp_path / "stdout", tmp_path / "stderr")
    yield started
    started.process.kill()
    started.process.wait()
    started.events.close()


def test_it_runs_jobs_one_after_another_and_goes_with_its_parent(worker, model_folder, rows_file, tmp_path):
    ready = worker.next("ready")
    assert {"torch", "transformers", "peft", "tokenizers"} <= ready["versions"].keys()
    assert os.uname().nodename not in ready["device"]

    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    good = write_job("logits", inputs, tmp_path / "good")
    bad = write_job("logits", {"model": tmp_path, "rows": rows_file}, tmp_path / "bad")
    # Sent at once: jobs are queued, and a failure does not stop the next.
    worker.start(bad, good, good)
    ends = [worker.next("done", "error") for _ in range(3)]
    assert [end["event"] for end in ends] == ["error", "done", "done"]
    assert ends[0]["code"] == "MODEL_NOT_FOUND" and ends[1] == ends[2]

    endless = write_job("train", inputs, tmp_path / "endless", maxSteps=1_000_000, epochs=1_000_000)
    worker.start(endless)
    worker.next("progress")
    worker.process.stdin.close()  # what the death of the parent looks like
    assert worker.process.wait(timeout=LONGEST_SECONDS) == 0, "in the middle of a job"
    assert (tmp_path / "stdout").read_bytes() == b""
    assert b"Traceback" in (tmp_path / "stderr").read_bytes(), "of the job that failed"


def test_it_goes_with_its_parent_while_it_still_loads(worker):
    worker.process.stdin.close()
    assert worker.process.wait(timeout=LONGEST_SECONDS) == 0


def test_a_job_by_hand_ends_with_its_facts(model_folder, rows_file, tmp_path):
    job = write_job("logits", {"model": model_folder, "rows": rows_file}, tmp_path / "out")
    command = [sys.executable, "-m", "cogumi_engine", "run"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "engine")}
    done = subprocess.run([*command, str(job)], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0 and json.loads(done.stdout.splitlines()[-1])["facts"]["prompts"] == 3
    failed = subprocess.run([*command, str(tmp_path / "gone")], capture_output=True, text=True, env=environment, check=False)
    assert failed.returncode == 1 and json.loads(failed.stdout.splitlines()[-1])["code"] == "JOB_INVALID"
    assert subprocess.run(command, capture_output=True, env=environment, check=False).returncode == 3


def test_what_libraries_do_while_python_is_taken_down_does_not_count(tmp_path):
    """A thread of gloo aborts the process then, every few hundred runs: here something does so each time."""
    (tmp_path / "sitecustomize.py").write_text("import atexit, os\natexit.register(os.abort)\n")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT / 'engine'}"}
    command = [sys.executable, "-m", "cogumi_engine", "no command"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 3 and "usage" in done.stderr
