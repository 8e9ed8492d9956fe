"""The same fixtures run against zod in packages/contracts/src/jobs/engine-job.test.ts."""

import json
import re
from dataclasses import asdict, fields

import jsonschema
import pytest
from conftest import EVENT_SCHEMA, ROOT, SCHEMAS, Ran, run_job, write_job

from cogumi_engine.errors import JobError
from cogumi_engine.job import read_job
from cogumi_engine.options import OPTIONS

FIXTURES = ROOT / "engine/tests/fixtures"
JOBS = json.loads((FIXTURES / "jobs.json").read_text("utf-8"))
EVENTS = json.loads((FIXTURES / "events.json").read_text("utf-8"))


def in_order(job):
    """The options of a job in the order of its schema, which is that of the dataclass."""
    schema = json.loads((SCHEMAS / f"{job['job']}.json").read_text("utf-8"))
    names = [to_snake_case(name) for name in schema["properties"]]
    values = {to_snake_case(name): value for name, value in job["options"].items()}
    assert names == [field.name for field in fields(OPTIONS[job["job"]])]
    return {name: values[name] for name in names}


def to_snake_case(name):
    return re.sub("[A-Z]", lambda letter: f"_{letter.group().lower()}", name)


@pytest.mark.parametrize("fixture", JOBS, ids=lambda fixture: fixture["name"])
def test_jobs(fixture, tmp_path):
    # A patch changes the first one; the output is made when a job is read, so it lies where tests may write.
    job = {**JOBS[0]["job"], **fixture.get("patch", {}), "output": str(tmp_path / "out")}
    path = tmp_path / "job.json"
    path.write_text(json.dumps(job))
    if fixture["valid"]:
        options = asdict(read_job(path, lambda _event: None).options)
        assert [list(value) if isinstance(value, tuple) else value for value in options.values()] == list(in_order(job).values())
        return
    with pytest.raises(JobError) as error:
        read_job(path, lambda _event: None)
    assert error.value.code == "JOB_INVALID"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("fixture", EVENTS, ids=lambda fixture: fixture["name"])
def test_events(fixture):
    assert jsonschema.Draft202012Validator(EVENT_SCHEMA).is_valid(fixture["event"]) == fixture["valid"]


def test_a_job_file_that_is_none_is_refused_with_its_place(tmp_path, model_folder, rows_file):
    Ran(tmp_path / "gone.json").refused("JOB_INVALID")
    (tmp_path / "cut.json").write_text('{"job": "tr')
    Ran(tmp_path / "cut.json").refused("JOB_INVALID")
    (tmp_path / "list.json").write_text("[]")
    Ran(tmp_path / "list.json").refused("JOB_INVALID")
    path = write_job("logits", {"model": model_folder, "rows": rows_file}, tmp_path / "out", prompts=0)
    assert "prompts" in Ran(path).refused("JOB_INVALID")


def test_what_nobody_foresaw_is_an_event_and_no_trace(model_folder, rows_file, tmp_path, monkeypatch, capfd):
    import cogumi_engine.jobs.logits as logits

    monkeypatch.setattr(logits, "load_model", lambda *_: 1 // 0)
    ran = run_job("logits", {"model": model_folder, "rows": rows_file}, tmp_path / "out")
    assert ran.refused("ENGINE_FAILED") == "ZeroDivisionError: integer division or modulo by zero"
    said = capfd.readouterr()
    assert "Traceback" in said.err and said.out == ""
