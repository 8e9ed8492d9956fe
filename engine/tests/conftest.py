"""Tiny random models and a job runner for all tests; nothing here needs the network."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cogumi_engine import worker  # sets what torch reads when it loads, so it comes first

# isort: split
import torch
from safetensors.torch import load_file, save_file
from transformers import Gemma3Config, Gemma3ForConditionalGeneration, LlamaConfig, LlamaForCausalLM

from cogumi_engine.adapters import attach
from cogumi_engine.attention import KERNEL
from cogumi_engine.batches import fit_lines
from cogumi_engine.errors import JobError
from cogumi_engine.job import make_options
from cogumi_engine.models import load_model
from cogumi_engine.options import TrainOptions
from cogumi_engine.rows import Example
from cogumi_engine.tokenizer import train_tokenizer

ROOT = Path(__file__).parents[2]
# Who waits longer for a process waits for one that hangs: far more than a slow, busy machine takes.
LONGEST_SECONDS = 900
# Where jobs of tests run: cpu, or cuda on a machine that has it.
DEVICE = os.environ.get("COGUMI_TEST_DEVICE", "cpu")
on_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
SCHEMAS = ROOT / "engine/cogumi_engine/schemas"
EVENT_SCHEMA = json.loads((SCHEMAS / "engine-event.json").read_text("utf-8"))

COLOURS = ["red", "blue", "green", "white", "black"]
THINGS = ["cat", "dog", "house", "tree", "boat", "stone", "river"]


def chat_row(number: int) -> dict[str, Any]:
    """A question with its answer; the lengths differ on purpose."""
    colour, thing = COLOURS[number % 5], THINGS[number % 7]
    return {
        "question_id": f"row_{number:04}",
        "domain": ["coding", "reading"][number % 2],
        "source": "own",
        "history": [],
        "question": f"Tom has a {colour} {thing}{' and a friend' * (number % 4)}. Which colour is the {thing}?",
        "answer": f"The {thing} is {colour}.",
    }


def text_row(number: int) -> dict[str, Any]:
    return {"text": f"Once a {COLOURS[number % 5]} {THINGS[number % 7]} went out. " * (1 + number % 3), "source": "own"}


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture(scope="session")
def rows_file(tmp_path_factory: Any) -> Path:
    return write_rows(tmp_path_factory.mktemp("rows") / "rows.jsonl", [chat_row(number) for number in range(60)])


@pytest.fixture(scope="session")
def mixed_rows_file(tmp_path_factory: Any) -> Path:
    rows = [text_row(number) if number % 4 == 0 else chat_row(number) for number in range(60)]
    return write_rows(tmp_path_factory.mktemp("mixed") / "mixed.jsonl", rows)


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    texts = [f"user\n{row['question']}\nassistant\n{row['answer']}\nsystem\n" for row in map(chat_row, range(60))]
    return train_tokenizer(texts, 400, 256)


def tiny_model(tokenizer: Any, seed: int = 0, **changes: Any) -> Any:
    torch.manual_seed(seed)
    shape = {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    }
    words = {name: getattr(tokenizer, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    defaults = {"vocab_size": len(tokenizer), "max_position_embeddings": 256, "tie_word_embeddings": True}
    config = LlamaConfig(**{**defaults, **shape, **words, **changes})
    # Wide enough that two random models say different things.
    config.initializer_range = 0.2
    model = LlamaForCausalLM(config).eval()
    model.set_attn_implementation(KERNEL)
    return model


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: Any, tokenizer: Any) -> Path:
    folder = tmp_path_factory.mktemp("model")
    tiny_model(tokenizer).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def image_model_folder(tmp_path_factory: Any, tokenizer: Any) -> Path:
    """A model that also sees images, as Gemma 3 has them: two parts with four layers each, whose names repeat."""
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 32,
        "layer_types": ["sliding_attention", "full_attention"] * 2,
    }
    vision = {
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "image_size": 28,
        "patch_size": 14,
    }
    torch.manual_seed(0)
    marks = {"image_token_index": 5, "boi_token_index": 6, "eoi_token_index": 7, "mm_tokens_per_image": 4}
    folder = tmp_path_factory.mktemp("image-model")
    Gemma3ForConditionalGeneration(Gemma3Config(text_config=text, vision_config=vision, **marks)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def defaults(job: str) -> dict[str, Any]:
    """Default options of a job, as its schema has them; options without a default are left out."""
    schema = json.loads((SCHEMAS / f"{job}.json").read_text("utf-8"))
    return {name: value["default"] for name, value in schema["properties"].items() if "default" in value}


# What tests change in all training jobs: small steps that learn fast and meet every event of the loop.
LOOP = {
    "learningRate": 1e-2,
    "warmupFraction": 0.1,
    "weightDecay": 0.1,
    "batchTokens": 512,
    "maxRowTokens": 128,
    "checkpointEverySteps": 3,
    "validateEverySteps": 5,
    "precision": "f32",
}
CHANGES: dict[str, dict[str, Any]] = {
    "train": {**LOOP, "rank": 4, "alpha": 8, "epochs": 50, "maxSteps": 8},
    "pretrain": {
        **LOOP,
        "ropeTheta": 300,
        "vocabularySize": 400,
        "layers": 1,
        "feedForwardSize": 256,
        "contextTokens": 256,
        "steps": 8,
    },
    "trim-vocabulary": {**LOOP, "learningRate": 0.05, "weightDecay": 0, "tuneSteps": 0},
    "merge": {"proofRows": 4},
    "export": {"preTokenizer": "smollm"},
    "logits": {"prompts": 3, "greedyTokens": 6},
    "preview": {"maxRowTokens": 256},
}


def options_of(job: str, **changes: Any) -> dict[str, Any]:
    """Options of a job for tests, under the names that the contracts have."""
    return {**defaults(job), **CHANGES.get(job, {}), **changes}


def loop_options(**changes: Any) -> TrainOptions:
    """Options of `train` as an object; `changes` has the names of the contracts."""
    return make_options("train", options_of("train", **changes))


@dataclass
class Listed:
    """Rows in memory."""

    examples: list[Example]
    too_long = 0

    @property
    def lengths(self):
        return [len(example.ids) for example in self.examples]

    def __getitem__(self, row):
        return self.examples[row]


def lines_of(examples: list[Example], line_tokens: int) -> list[list[Example]]:
    """Examples in lines, as packing puts them."""
    lengths = [len(example.ids) for example in examples]
    return [[examples[row] for row in line] for line in fit_lines(range(len(examples)), lengths, line_tokens)]


def write_job(name: str, inputs: dict[str, Path], output: Path, threads: int = 1, shard: bool = False, **options: Any) -> Path:
    output.mkdir(parents=True, exist_ok=True)
    job = {
        "job": name,
        "version": 1,
        "inputs": {key: str(value) for key, value in inputs.items()},
        "options": options_of(name, **options),
        "output": str(output),
        "seed": 7,
        "threads": threads,
        "device": DEVICE,
        "shard": shard,
    }
    path = output / ".job.json"
    path.write_text(json.dumps(job), "utf-8")
    return path


class Ran:
    """What a job said: all events, each checked against the schema that TypeScript reads them by."""

    def __init__(self, path: Path) -> None:
        self.events: list[dict[str, Any]] = []
        self.events.append(worker.run(path, self.events.append))
        for event in self.events:
            jsonschema.validate(event, EVENT_SCHEMA)
            json.dumps(event, allow_nan=False)

    @property
    def last(self) -> dict[str, Any]:
        return self.events[-1]

    @property
    def facts(self) -> dict[str, Any]:
        assert self.last["event"] == "done", self.last
        return self.last["facts"]

    def refused(self, code: str) -> str:
        """The message of an error with this code; its hint is never empty."""
        assert self.last.get("code") == code, self.last
        assert self.last["hint"]
        return self.last["message"]


def run_job(name: str, inputs: dict[str, Path], output: Path, **options: Any) -> Ran:
    return Ran(write_job(name, inputs, output, **options))


def refused(code, action, *arguments):
    with pytest.raises(JobError) as error:
        action(*arguments)
    assert error.value.code == code, error.value.message
    assert error.value.hint
    return error.value.message


def edit_json(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def edit_tensors(path, change):
    tensors = load_file(path)
    save_file(change(tensors), path, metadata={"format": "pt"})


@pytest.fixture
def adapter(model_folder, tmp_path):
    """An adapter that says something, for the model of `model_folder`."""
    model = load_model(model_folder)
    wrapped = attach(model, loop_options())
    torch.manual_seed(1)
    with torch.no_grad():
        for name, value in wrapped.named_parameters():
            if ".lora_B." in name:
                value.normal_(std=0.3)
    wrapped.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def shared_data() -> Path:
    """Real files of others, beside the checkout; see COGUMI_SHARED_DATA in the docs."""
    folder = Path(os.environ.get("COGUMI_SHARED_DATA", ROOT.parent / "shared/data"))
    if not folder.is_dir():
        pytest.skip(f"no shared test data at {folder}; set COGUMI_SHARED_DATA")
    return folder


def llama_source() -> None:
    """Points the converters at the source that `npm run setup` lays down."""
    folder = os.environ.get("COGUMI_LLAMA_SOURCE") or str(ROOT / ".cache/llama.cpp")
    if not (Path(folder) / "convert_hf_to_gguf.py").exists():
        pytest.fail(f"llama.cpp's converters are not in {folder}; run `npm run setup`")
    os.environ["COGUMI_LLAMA_SOURCE"] = folder
