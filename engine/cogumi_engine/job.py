"""A job file, checked against the schema that TypeScript wrote."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import jsonschema

from cogumi_engine.errors import JobError
from cogumi_engine.options import OPTIONS

SCHEMAS = Path(__file__).parent / "schemas"

# Least time between two progress events (chosen: a person reads them).
REPORT_EVERY_SECONDS = 1.0

Emit = Callable[[dict[str, Any]], None]
Options = TypeVar("Options", covariant=True)


@dataclass(frozen=True)
class Job(Generic[Options]):
    """One piece of work: what to read, how, and which folder to fill."""

    name: str
    inputs: dict[str, Path]
    options: Options
    output: Path
    seed: int
    threads: int
    device: str
    shard: bool
    emit: Emit = field(repr=False)

    def input(self, name: str) -> Path:
        """Path of an input that exists. Errors: INPUT_MISSING."""
        path = self.inputs.get(name)
        if path is None:
            raise JobError("INPUT_MISSING", f'Job {self.name} has no input "{name}".', f'Add "{name}" to `inputs` of the job file.')
        if not path.exists():
            raise JobError("INPUT_MISSING", f"{path} does not exist.", "Was the store cleaned during the build?")
        return path

    def progress(self, done: int, total: int, unit: str, tokens_per_second: float | None = None) -> None:
        """Reports how much of the job is done."""
        figures = {"done": done, "total": total, "unit": unit, "tokensPerSecond": tokens_per_second}
        self.emit({"event": "progress", **figures, "memoryBytes": resident_bytes()})

    def metric(self, name: str, step: int, value: float) -> None:
        """Reports a figure of a step."""
        self.emit({"event": "metric", "name": name, "step": step, "value": value})

    def warn(self, message: str) -> None:
        """Reports a problem that does not stop the job."""
        self.emit({"event": "warning", "message": message})


def read_job(path: Path, emit: Emit) -> Job[Any]:
    """Reads and checks a job file. Errors: JOB_INVALID with the place in the file."""
    try:
        raw = json.loads(path.read_text("utf-8"))
        jsonschema.validate(raw, _schema("engine-job"))
        jsonschema.validate(raw["options"], _schema(raw["job"]))
    except (OSError, ValueError) as cause:
        raise JobError("JOB_INVALID", f"{path} cannot be read: {cause}", "Run the build again.") from cause
    except jsonschema.ValidationError as cause:
        place = ".".join(str(part) for part in cause.absolute_path) or "job"
        message = f"{path}, {place}: {cause.message[:200]}"
        raise JobError("JOB_INVALID", message, "Make sure that engine and factory have the same version.") from cause
    output = Path(raw["output"])
    output.mkdir(parents=True, exist_ok=True)
    inputs = {name: Path(value) for name, value in raw["inputs"].items()}
    options = make_options(raw["job"], raw["options"])
    return Job(raw["job"], inputs, options, output, raw["seed"], raw["threads"], raw["device"], raw.get("shard", False), emit)


def make_options(job: str, values: dict[str, Any]) -> Any:
    """Options of a job, checked by its schema, as an object of its class in options.py."""
    return OPTIONS[job](**{_snake_case(name): tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _snake_case(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))


def resident_bytes() -> int | None:
    """Resident set of this process; None on a system without /proc."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    return int(status.split("VmRSS:")[1].split()[0]) * 1024
