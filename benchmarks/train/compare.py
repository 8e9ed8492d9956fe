"""
LoRA on random weights of a model's shape: this project's engine against a plain loop of transformers and peft.

Both train the same weights on the same rows, step by step in turn, in one process; the plain loop pads its rows in the groups that
the engine's `group` makes. Prints tokens a second of each, their ratio, and how far losses and gradients are apart; on a GPU also
the most memory that each needed and what its time went to.

    PYTHONPATH=engine .venv/bin/python benchmarks/train/compare.py [--steps 6] [--threads 2] [--tokens 1024] [--rank 16]
        [--shape smollm2 | llama-3.1-8b] [--rows recipe | mixed | full] [--device cpu | cuda] [--bf16] [--checkpointing]
        [--candidates]
"""

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cogumi_engine.device import prepare

# isort: split
import torch
from candidates import use_candidates
from peft import LoraConfig, get_peft_model
from torch.autograd import DeviceType
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedModel

import cogumi_engine
from cogumi_engine.attention import KERNEL
from cogumi_engine.batches import Batch
from cogumi_engine.beginning import shared_beginning
from cogumi_engine.data import Batches, Step
from cogumi_engine.job import make_options
from cogumi_engine.jobs.train import adapt
from cogumi_engine.losses import cross_entropy
from cogumi_engine.options import TrainOptions
from cogumi_engine.rows import Example

SHAPES: dict[str, dict[str, Any]] = {
    "smollm2": {
        "vocab_size": 49_152,
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "tie_word_embeddings": True,
    },
    "llama-3.1-8b": {
        "vocab_size": 128_256,
        "hidden_size": 4096,
        "intermediate_size": 14_336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "tie_word_embeddings": False,
    },
}
# Tokens of SmolLM2's system message and of what stands before a question.
BEGINNING = 24
LONGEST = 2048

# What a kernel does, by a part of its name; the first that fits.
KINDS = (
    ("attention", ("flash", "fmha", "attention")),
    ("products", ("gemm", "nvjet", "cutlass", "xmma", "splitk", "gemv")),
    ("norms", ("rms", "layer_norm")),
    ("softmax", ("softmax", "nll")),
    ("copies and casts", ("copy", "memcpy", "memset", "fill", "cat")),
    ("sums", ("reduce",)),
    ("element by element", ("elementwise",)),
)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is compared. `tokens`: most of a step. `rows`: as long as those of a recipe, up to 2,048 tokens, or 2,048 each."""

    shape: str = "smollm2"
    rows: str = "recipe"
    tokens: int = 1024
    rank: int = 16
    device: str = "cpu"
    bf16: bool = False
    checkpointing: bool = False
    candidates: bool = False
    steps: int = 6

    @property
    def words(self) -> str:
        precision = "bf16" if self.bf16 else "f32"
        more = ", gradient checkpointing" * self.checkpointing + ", with candidates" * self.candidates
        return f"{self.shape}, {precision}, rank {self.rank}, rows {self.rows}, {self.tokens} tokens a step{more}"


@dataclass
class Listed:
    """Rows in memory."""

    examples: list[Example]

    @property
    def lengths(self) -> list[int]:
        return [len(example.ids) for example in self.examples]

    def __getitem__(self, row: int) -> Example:
        return self.examples[row]


def make_rows(setting: Setting) -> Listed:
    """
    recipe: as the recipes' modifiers have them, a question of 20 to 90 tokens behind the beginning, an answer of 8 to 50;
    mixed: 128 to 2,048 tokens, half of them learned; full: 2,048, half of them learned.
    """
    chance = random.Random(1)
    vocabulary = SHAPES[setting.shape]["vocab_size"]
    beginning = [chance.randrange(vocabulary) for _ in range(BEGINNING)]

    def row() -> Example:
        if setting.rows == "recipe":
            question, answer = chance.randint(20, 90), chance.randint(8, 50)
        else:
            length = LONGEST if setting.rows == "full" else chance.randint(128, LONGEST)
            answer = length // 2
            question = length - answer - BEGINNING
        own = [chance.randrange(vocabulary) for _ in range(question + answer)]
        return Example(beginning + own, [0.0] * (BEGINNING + question) + [1.0] * answer)

    return Listed([row() for _ in range(300 if setting.rows == "recipe" else 100)])


def make_model(setting: Setting) -> PreTrainedModel:
    torch.manual_seed(0)
    dtype = torch.bfloat16 if setting.bf16 else torch.float32
    with torch.device(setting.device):
        model = AutoModelForCausalLM.from_config(LlamaConfig(**SHAPES[setting.shape]), dtype=dtype)
    if setting.checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    return model.train()


def wake(model: torch.nn.Module) -> list[torch.nn.Parameter]:
    """Gives the adapter's matrices the same values on both sides, none of them zero. Answers what is trained."""
    torch.manual_seed(1)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if ".lora_" in name:
                value.normal_(std=0.02)
    return [value for value in model.parameters() if value.requires_grad]


def plain(model: PreTrainedModel, batch: Batch) -> torch.Tensor:
    """What a training script does: logits of every position, prompts masked by -100."""
    labels = batch.ids.masked_fill(batch.weights == 0, -100)
    mask = torch.ones_like(batch.ids)
    return model(input_ids=batch.ids, attention_mask=mask, labels=labels, num_items_in_batch=1).loss


@dataclass
class Side:
    """One of the two. `deterministic`: as the engine computes; a plain script does not."""

    name: str
    model: torch.nn.Module
    parameters: list[torch.nn.Parameter]
    loss: Callable[[Batch], torch.Tensor]
    steps: Iterator[Step]
    setting: Setting
    deterministic: bool
    tokens: int = 0
    seconds: float = 0.0
    peak: int = 0
    split: dict[str, float] = field(default_factory=dict)

    def step(self) -> tuple[float, torch.Tensor]:
        """One step without the optimizer, which is the same for both. Answers the loss and all gradients."""
        gpu = self.setting.device == "cuda"
        torch.use_deterministic_algorithms(self.deterministic, warn_only=not gpu)
        step = next(self.steps)
        before = torch.cuda.memory_allocated() if gpu else 0
        if gpu:
            torch.cuda.reset_peak_memory_stats()
            torch.cuda.synchronize()
        began, total = time.perf_counter(), 0.0
        for batch in step.batches:
            with torch.autocast(self.setting.device, torch.bfloat16, enabled=self.setting.bf16):
                loss = self.loss(batch)
            loss.backward()
            total += float(loss.detach())
        if gpu:
            torch.cuda.synchronize()
        self.seconds += time.perf_counter() - began
        self.tokens += step.tokens
        if gpu:
            own = sum(value.nbytes for value in self.model.parameters())
            self.peak = max(self.peak, own + torch.cuda.max_memory_allocated() - before)
        gradients = torch.cat([value.grad.flatten() for value in self.parameters])
        for value in self.parameters:
            value.grad = None
        return total, gradients

    def flops(self) -> float:
        """Floating-point operations a token of the products with frozen layers, head left out; a recomputed pass counts."""
        layers = sum(value.numel() for name, value in self.model.named_parameters() if name.endswith("base_layer.weight"))
        return (6 if self.setting.checkpointing else 4) * layers

    def profile(self) -> None:
        """Shares of a step's time by what kernels do, and the share in which there was none."""
        seconds = self.seconds
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profiler:
            self.step()
        whole = self.seconds - seconds
        sums: Counter[str] = Counter()
        for event in profiler.key_averages():
            if event.device_type == DeviceType.CUDA:
                key = event.key.lower()
                kind = next((kind for kind, parts in KINDS if any(part in key for part in parts)), "other")
                sums[kind] += event.self_device_time_total
        self.split = {kind: round(time / 1e6 / whole, 3) for kind, time in sums.most_common()}
        self.split["no kernel"] = round(1 - sum(self.split.values()), 3)


def make_sides(setting: Setting) -> list[Side]:
    """The plain loop and the engine."""
    rows = make_rows(setting)
    packed = setting.device == "cuda"
    given = {"batchTokens": setting.tokens, "rank": setting.rank, "alpha": setting.rank, "maxRowTokens": LONGEST}

    def steps(batching: str, beginning: int) -> Iterator[Step]:
        options: TrainOptions = make_options("train", {**defaults(), **given, "batching": batching})
        return Batches(rows=rows, options=options, padding=0, seed=1, device=setting.device, beginning=beginning).steps()

    theirs = make_model(setting)
    config = LoraConfig(r=setting.rank, lora_alpha=setting.rank, target_modules="all-linear", task_type="CAUSAL_LM")
    rival = get_peft_model(theirs, config)
    ours = make_model(setting)
    ours.set_attn_implementation(KERNEL)
    adapted = adapt(ours, make_options("train", {**defaults(), **given}))
    if setting.candidates:
        use_candidates(ours)
    own = steps("pack", 0) if packed else steps("group", shared_beginning(rows))
    return [
        Side("transformers + peft", rival, wake(rival), lambda batch: plain(theirs, batch), steps("group", 0), setting, False),
        Side("cogumi", adapted, wake(adapted), lambda batch: cross_entropy(ours, batch).sum, own, setting, True),
    ]


def compare(setting: Setting) -> dict[str, Any]:
    """Figures of both sides, which are printed as well."""
    sides = make_sides(setting)
    print(setting.words, flush=True)
    figures: dict[str, Any] = {"setting": setting.words}
    for number in range(setting.steps + 1):
        (loss, gradients), (own_loss, own_gradients) = (side.step() for side in sides)
        if number == 0:
            apart = float((own_gradients - gradients).norm() / gradients.norm())
            figures |= {"losses apart": abs(own_loss / loss - 1), "gradients apart": apart}
            print(f"losses apart by {abs(own_loss / loss - 1):.1e}, gradients by {apart:.1e} (relative)")
            for side in sides:
                side.tokens, side.seconds = 0, 0.0
        del gradients, own_gradients
    for side in sides:
        rate = side.tokens / side.seconds
        figures[side.name] = {"tokens/s": round(rate, 1), "FLOP/s": rate * side.flops(), "peak bytes": side.peak}
        print(f"{side.name}: {rate:.1f} tokens/s" + (f", {side.peak / 1e9:.2f} GB at most" if side.peak else ""))
    ratio = sides[0].seconds / sides[1].seconds
    print(f"ratio: {ratio:.2f}")
    if setting.device == "cuda":
        for side in sides:
            side.profile()
            figures[side.name]["split"] = side.split
            print(f"{side.name}: " + ", ".join(f"{kind} {share:.1%}" for kind, share in side.split.items()), flush=True)
    return {**figures, "ratio": round(ratio, 3)}


def defaults() -> dict[str, Any]:
    """Default options of `train`, as its schema has them."""
    schema = json.loads((Path(cogumi_engine.__file__).parent / "schemas/train.json").read_text("utf-8"))
    return {name: value["default"] for name, value in schema["properties"].items() if "default" in value}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=1024, help="tokens of a step")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--shape", choices=SHAPES, default="smollm2")
    parser.add_argument("--rows", choices=("recipe", "mixed", "full"), default="recipe")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--candidates", action="store_true", help="with what was not measured yet; on a GPU in bf16 only")
    given = vars(parser.parse_args())
    prepare(0, given.pop("threads"), given["device"])
    compare(Setting(**given))


if __name__ == "__main__":
    main()
