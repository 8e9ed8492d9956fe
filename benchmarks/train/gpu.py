"""
The engine on a GPU: its own tests, equal bytes after a kill, losses against a CPU's, speed and memory against transformers and peft.

    PYTHONPATH=engine python benchmarks/train/gpu.py OUT [--parts tests,jobs,rates,head,compare] [--tiny]

Writes `figures.json` and a log of each part to the folder OUT, and prints a table last. A part that fails leaves the others alone.
`--tiny` runs every part on the CPU with small shapes, to try this script where there is no GPU.
"""

import argparse
import gc
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "engine/tests"), str(ROOT / "benchmarks/train")]
GIVEN = argparse.ArgumentParser()
GIVEN.add_argument("out", type=Path)
GIVEN.add_argument("--parts", default="tests,jobs,rates,head,compare")
GIVEN.add_argument("--tiny", action="store_true")
ARGUMENTS = GIVEN.parse_args()
DEVICE = "cpu" if ARGUMENTS.tiny else "cuda"
os.environ["COGUMI_TEST_DEVICE"] = DEVICE

import compare  # noqa: E402
import torch  # noqa: E402
from compare import SHAPES, Setting  # noqa: E402
from conftest import chat_row, write_job, write_rows  # noqa: E402
from torch.nn import functional  # noqa: E402

from cogumi_engine.device import prepare  # noqa: E402
from cogumi_engine.head_loss import HeadLoss  # noqa: E402
from cogumi_engine.tokenizer import train_tokenizer  # noqa: E402

WORK = ARGUMENTS.out / "work" if ARGUMENTS.tiny else Path("/tmp/gpu-work")
# What this project asks of itself: losses of a plain loop to 1e-4 relative in f32.
MOST_APART = 1e-4
STEPS, KILLS, CHECKPOINT_EVERY = 40, 4, 3

if ARGUMENTS.tiny:
    small = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    }
    SHAPES["smollm2"] |= small
    SHAPES["llama-3.1-8b"] |= {**small, "vocab_size": 4096}
    STEPS, KILLS = 12, 1

TRAINED = {"learningRate": 1e-3, "rank": 16, "alpha": 16, "batchTokens": 2048, "maxSteps": STEPS, "patience": 0, "batching": "pack"}
TRAINED |= {"checkpointEverySteps": CHECKPOINT_EVERY, "validateEverySteps": 20, "epochs": 50}


def job_file(name: str, output: Path, inputs: dict[str, Path], device: str = DEVICE, **options: Any) -> Path:
    path = write_job(name, inputs, output, threads=4, **options)
    path.write_text(json.dumps({**json.loads(path.read_text()), "device": device}))
    return path


def start(job: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cogumi_engine", "run", str(job)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=(job.parent / "stderr").open("a"), text=True)


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Facts of a job that ends well."""
    said, _ = process.communicate()
    last = json.loads(said.splitlines()[-1])
    if last["event"] != "done":
        raise RuntimeError(str(last))
    facts: dict[str, Any] = last["facts"]
    return facts


def result_of(folder: Path) -> str:
    """Digest of the files that become an artifact."""
    names = ("adapter_model.safetensors", "adapter_config.json", "losses.jsonl")
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in names)).hexdigest()


def losses_of(folder: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (folder / "losses.jsonl").read_text().splitlines()]


def make_inputs() -> dict[str, Path]:
    """A model of SmolLM2's shape with random weights, and rows."""
    rows = [chat_row(number) for number in range(240)]
    tokenizer = train_tokenizer([f"user\n{row['question']}\nassistant\n{row['answer']}\nsystem\n" for row in rows], 400, 2048)
    folder = WORK / "model"
    model = compare.make_model(Setting(shape="smollm2", device="cpu"))
    model.config.eos_token_id = tokenizer.eos_token_id
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    validation = write_rows(WORK / "validation.jsonl", rows[:8])
    return {"model": folder, "rows": write_rows(WORK / "rows.jsonl", rows), "validation": validation}


def kill_and_resume(inputs: dict[str, Path], folder: Path, **options: Any) -> list[int]:
    """Kills a job at random moments behind its checkpoints, each time further on; answers the steps of those checkpoints."""
    chance, killed = random.Random(3), []
    checkpoint = folder / "checkpoint/state.pt"
    for _ in range(KILLS):
        seen = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        process = start(job_file("train", folder, inputs, **options))
        while process.poll() is None and (not checkpoint.exists() or checkpoint.stat().st_mtime_ns == seen):
            time.sleep(0.002)
        time.sleep(chance.random() * 0.3)
        process.send_signal(signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:
            raise RuntimeError(f"{folder.name} was done before it was killed")
        killed.append(int(torch.load(checkpoint, weights_only=True, map_location="cpu")["step"]))
    finish(start(job_file("train", folder, inputs, **options)))
    return killed


def jobs() -> dict[str, Any]:
    """Equal jobs, killed jobs, and a CPU's losses; then the proof of a merge."""
    inputs = make_inputs()

    def twice(name: str, **options: Any) -> dict[str, Any]:
        folders = [WORK / f"{name}-{number}" for number in (1, 2)]
        facts = [finish(start(job_file("train", folder, inputs, **options))) for folder in folders]
        equal = result_of(folders[0]) == result_of(folders[1])
        return {"equal jobs, equal bytes": equal, "precision": facts[0]["precision"], "loss": facts[0]["validationLossAfter"]}

    def killed(name: str, **options: Any) -> dict[str, Any]:
        steps = kill_and_resume(inputs, WORK / f"{name}-killed", **options)
        return {"killed behind the checkpoints of steps": steps, "digest": result_of(WORK / f"{name}-killed")}

    def against_cpu() -> dict[str, Any]:
        small = {"precision": "f32", "maxSteps": 6, "batchTokens": 512, "validateEverySteps": 1}
        for device in {"cpu", DEVICE}:
            finish(start(job_file("train", WORK / f"on-{device}", inputs, device, **{**TRAINED, **small})))
        pairs = list(zip(losses_of(WORK / "on-cpu"), losses_of(WORK / f"on-{DEVICE}"), strict=True))
        return {"losses apart from a CPU's, f32": max(abs(other / own - 1) for own, other in pairs), "losses": len(pairs)}

    ways: dict[str, dict[str, Any]] = {
        "f32": {**TRAINED, "precision": "f32"},
        "bf16": {**TRAINED, "precision": "auto" if DEVICE == "cuda" else "bf16"},
        "padded": {
            **TRAINED,
            "precision": "auto" if DEVICE == "cuda" else "bf16",
            "batching": "group",
            "gradientCheckpointing": True,
        },
    }
    found: dict[str, Any] = {}
    with ThreadPoolExecutor(7) as pool:
        running = {"cpu": pool.submit(against_cpu)}
        for name, options in ways.items():
            running[name] = pool.submit(twice, name, **options)
            running[f"{name} killed"] = pool.submit(killed, name, **options)
        for name, future in running.items():
            found[name] = attempt(f"jobs, {name}", future.result)
    for name in ways:
        found[f"{name} killed"]["same bytes"] = found[f"{name} killed"].get("digest") == result_of(WORK / f"{name}-1")
    proof = finish(start(job_file("merge", WORK / "merged", {**inputs, "adapter": WORK / "bf16-1"})))
    found["merge"] = {name: proof[name] for name in ("effect", "mergeError", "rounding", "roundingNoise", "agreement")}
    return found


def tests() -> dict[str, Any]:
    """The engine's own tests with their jobs on the device."""
    files = "batches beginning head_loss lora_product attention adapters jobs losses optimizers draft killers loop worker"
    paths = [f"engine/tests/test_{name}.py" for name in files.split()]
    options = ["-q", "-n", "6", "--timeout", "100", "-p", "no:cacheprovider"] if DEVICE == "cuda" else ["-q", "-k", "head_loss"]
    with (ARGUMENTS.out / "tests.log").open("w") as log:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *paths], cwd=ROOT, stdout=log, stderr=log, timeout=170, check=False
        )
    last = (ARGUMENTS.out / "tests.log").read_text().splitlines()
    failed = [line[:300] for line in last if line.startswith(("FAILED", "ERROR"))]
    return {"exit": done.returncode, "seconds": round(time.monotonic() - began), "last": last[-1], "failed": failed}


def seconds_of(action: Callable[[], Any], times: int = 10) -> float:
    """Median seconds of an action on the device."""
    taken = []
    for _ in range(times + 2):
        began = time.perf_counter()
        action()
        if DEVICE == "cuda":
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - began)
    return sorted(taken[2:])[times // 2]


def rates() -> dict[str, Any]:
    """Floating-point operations a second of bf16 products, and bytes a second of a copy: what the rest is held against."""
    size = 8192 if DEVICE == "cuda" else 256
    left, right = (torch.randn(size, size, device=DEVICE, dtype=torch.bfloat16) for _ in range(2))
    source = torch.randn(2**28 if DEVICE == "cuda" else 2**16, device=DEVICE)
    product, copy = seconds_of(lambda: left @ right), seconds_of(lambda: source.clone())
    return {"bf16 products, FLOP/s": 2 * size**3 / product, "copy, bytes/s": 2 * source.nbytes / copy}


def head() -> dict[str, Any]:
    """Loss behind a head of 128,256 tokens, forward and backward: in pieces, against all logits at once."""
    tokens, vocabulary, width = (8192, 128_256, 4096) if DEVICE == "cuda" else (64, 4096, 32)
    hidden = torch.randn(tokens, width, device=DEVICE, dtype=torch.bfloat16, requires_grad=True)
    weight = torch.randn(vocabulary, width, device=DEVICE, dtype=torch.bfloat16) * 0.02
    targets = torch.randint(vocabulary, (tokens,), device=DEVICE)

    def whole() -> torch.Tensor:
        return functional.cross_entropy(functional.linear(hidden, weight).float(), targets, reduction="sum")

    ways = {"whole": whole, "in pieces": lambda: HeadLoss.apply(hidden, weight, None, targets).sum()}
    found: dict[str, Any] = {"tokens": tokens, "vocabulary": vocabulary}
    for name, way in ways.items():
        if DEVICE == "cuda":
            torch.cuda.reset_peak_memory_stats()
            before = torch.cuda.memory_allocated()
        way().backward()
        if DEVICE == "cuda":
            found[f"{name}, peak bytes"] = torch.cuda.max_memory_allocated() - before
        found[f"{name}, loss"] = float(way().detach()) / tokens
        found[f"{name}, seconds"] = seconds_of(lambda way=way: way().backward(), 3)
    if DEVICE == "cuda":
        found["share of the memory"] = found["in pieces, peak bytes"] / found["whole, peak bytes"]
    found["share of the time"] = found["in pieces, seconds"] / found["whole, seconds"]
    return found


def comparisons() -> list[Any]:
    """Each setting against transformers and peft."""
    small, large = {"device": DEVICE, "bf16": True}, {"device": DEVICE, "bf16": True, "shape": "llama-3.1-8b", "steps": 3}
    settings = [
        Setting(**small, tokens=8192),
        Setting(**small, tokens=8192, candidates=True),
        Setting(**small, tokens=16_384, rows="full"),
        Setting(device=DEVICE, tokens=8192),
        Setting(**large, rank=64, tokens=16_384, rows="full", checkpointing=True),
        Setting(**large, rank=64, tokens=16_384, rows="mixed", checkpointing=True),
        Setting(**large, rank=64, tokens=16_384, rows="mixed", checkpointing=True, candidates=True),
        Setting(**large, rank=64, tokens=4096, rows="full"),
        Setting(**large, tokens=1024),
    ]
    if ARGUMENTS.tiny:
        settings = [
            Setting(**{**vars(setting), "tokens": min(setting.tokens, 2048), "steps": 1, "bf16": False})
            for setting in settings
            if not setting.candidates
        ]
    found = []
    for setting in settings:
        found.append(attempt(setting.words, lambda setting=setting: compare.compare(setting)))
        gc.collect()
        if DEVICE == "cuda":
            torch.cuda.empty_cache()
    return found


def attempt(name: str, action: Callable[[], Any]) -> Any:
    """What an action answers, or the error that it ended with."""
    began = time.monotonic()
    try:
        found = action()
    except Exception as error:  # noqa: BLE001 - whatever it is, the other parts go on
        traceback.print_exc()
        found = {"failed": f"{type(error).__name__}: {str(error)[:600]}"}
    print(f"[{name}: {time.monotonic() - began:.0f} s]", flush=True)
    return found


def main() -> None:
    ARGUMENTS.out.mkdir(parents=True, exist_ok=True)
    WORK.mkdir(parents=True, exist_ok=True)
    parts = ARGUMENTS.parts.split(",")
    prepare(0, 1 if ARGUMENTS.tiny else 8, DEVICE)
    found: dict[str, Any] = {"torch": torch.__version__, "device": torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"}

    def keep(name: str, value: Any) -> None:
        found[name] = value
        (ARGUMENTS.out / "figures.json").write_text(json.dumps(found, indent=1, default=str))

    # Nothing of these is timed, so they run side by side.
    with ThreadPoolExecutor(2) as pool:
        running = {name: pool.submit(attempt, name, part) for name, part in (("tests", tests), ("jobs", jobs)) if name in parts}
        for name, future in running.items():
            keep(name, future.result())
    for name, part in (("rates", rates), ("head", head), ("compare", comparisons)):
        if name in parts:
            keep(name, attempt(name, part))
    print(json.dumps(found, indent=1, default=str))


if __name__ == "__main__":
    main()
