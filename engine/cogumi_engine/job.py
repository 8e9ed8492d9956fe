"""A job as the worker was handed it, checked against the schema that TypeScript wrote."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema

from cogumi_engine.errors import JobError

SCHEMAS = Path(__file__).parent / "schemas"

# Progress and loss are told at most so often.
TELL_EVERY_SECONDS = 1.0

Emit = Callable[[dict[str, Any]], None]


@dataclass
class Job:
    name: str
    inputs: dict[str, Path]
    options: dict[str, Any]
    output: Path
    seed: int
    threads: int
    device: str
    emit: Emit = field(repr=False)

    def input(self, name: str) -> Path:
        path = self.inputs.get(name)
        if path is None:
            raise JobError("INPUT_MISSING", f'Job {self.name} has no input "{name}".', "This is a bug of the stage.")
        if not path.exists():
            raise JobError("INPUT_MISSING", f"{path} does not exist.", "Was the store cleaned during the build?")
        return path

    def progress(self, done: int, total: int, unit: str, tokens_per_second: float | None = None) -> None:
        self.emit(
            {
                "event": "progress",
                "done": done,
                "total": total,
                "unit": unit,
                "tokensPerSecond": tokens_per_second,
                "memoryBytes": resident_bytes(),
            }
        )

    def metric(self, name: str, step: int, value: float) -> None:
        self.emit({"event": "metric", "name": name, "step": step, "value": value})

    def warn(self, message: str) -> None:
        self.emit({"event": "warning", "message": message})


def read_job(path: Path, emit: Emit) -> Job:
    """Reads and checks a job file. Errors: JOB_INVALID with the place in the file."""
    try:
        raw = json.loads(path.read_text("utf-8"))
        jsonschema.validate(raw, _schema("engine-job"))
        jsonschema.validate(raw["options"], _schema(raw["job"]))
    except (OSError, ValueError) as cause:
        raise JobError("JOB_INVALID", f"{path} cannot be read: {cause}", "Run the build again.") from cause
    except jsonschema.ValidationError as cause:
        place = ".".join(str(part) for part in cause.absolute_path) or "job"
        raise JobError("JOB_INVALID", f"{path}, {place}: {cause.message[:200]}", "Do both sides have one version?") from cause
    output = Path(raw["output"])
    output.mkdir(parents=True, exist_ok=True)
    inputs = {name: Path(value) for name, value in raw["inputs"].items()}
    return Job(raw["job"], inputs, raw["options"], output, raw["seed"], raw["threads"], raw["device"], emit)


def _schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))


def resident_bytes() -> int | None:
    """Resident set of this process now; None where the system does not tell (no /proc)."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    return int(status.split("VmRSS:")[1].split()[0]) * 1024
