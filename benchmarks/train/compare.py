"""
LoRA on the shape of SmolLM2-135M: this project's engine against a plain loop of transformers and peft.

Both train the same random model on the same rows, step by step in turn, in one process; the plain loop pads its rows in the groups
that the engine's `group` makes. Prints tokens a second of each, their ratio, and how far losses and gradients are apart.

    PYTHONPATH=engine .venv/bin/python benchmarks/train/compare.py [--steps 6] [--threads 2] [--tokens 1024]
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cogumi_engine.device import prepare

# isort: split
import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

from cogumi_engine.adapters import attach
from cogumi_engine.attention import KERNEL
from cogumi_engine.batches import Batch
from cogumi_engine.beginning import shared_beginning
from cogumi_engine.data import Batches
from cogumi_engine.job import make_options
from cogumi_engine.lora_product import use_lora_products
from cogumi_engine.losses import cross_entropy
from cogumi_engine.options import TrainOptions
from cogumi_engine.rows import Example

SHAPE = {
    "vocab_size": 49_152,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
}
# Tokens of SmolLM2's system message and of what stands before a question.
BEGINNING = 24
RANK = 16


@dataclass
class Listed:
    """Rows in memory."""

    examples: list[Example]

    @property
    def lengths(self) -> list[int]:
        return [len(example.ids) for example in self.examples]

    def __getitem__(self, row: int) -> Example:
        return self.examples[row]


def make_rows(count: int) -> Listed:
    """Rows as long as those of the recipe's modifiers: a question of 20 to 90 tokens behind the beginning, an answer of 8 to 50."""
    chance = random.Random(1)
    beginning = [chance.randrange(SHAPE["vocab_size"]) for _ in range(BEGINNING)]

    def row() -> Example:
        question, answer = chance.randint(20, 90), chance.randint(8, 50)
        own = [chance.randrange(SHAPE["vocab_size"]) for _ in range(question + answer)]
        return Example(beginning + own, [0.0] * (BEGINNING + question) + [1.0] * answer)

    return Listed([row() for _ in range(count)])


def make_model() -> LlamaForCausalLM:
    torch.manual_seed(0)
    return LlamaForCausalLM(LlamaConfig(tie_word_embeddings=True, **SHAPE))


def wake(model: torch.nn.Module) -> list[torch.nn.Parameter]:
    """Gives the adapter's second matrices values, so that no gradient is zero. Answers what is trained."""
    torch.manual_seed(1)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if ".lora_B." in name:
                value.normal_(std=0.02)
    return [value for value in model.parameters() if value.requires_grad]


def plain(model: LlamaForCausalLM, batch: Batch) -> torch.Tensor:
    """What a training script does: logits of every position, prompts masked by -100."""
    labels = batch.ids.masked_fill(batch.weights == 0, -100)
    mask = torch.ones_like(batch.ids)
    return model(input_ids=batch.ids, attention_mask=mask, labels=labels, num_items_in_batch=1).loss


@dataclass
class Side:
    name: str
    parameters: list[torch.nn.Parameter]
    loss: Callable[[Batch], torch.Tensor]
    steps: Iterator
    tokens: int = 0
    seconds: float = 0.0

    def step(self) -> tuple[float, torch.Tensor]:
        """One step without the optimizer, which is the same for both. Answers the loss and all gradients."""
        step = next(self.steps)
        began, total = time.perf_counter(), 0.0
        for batch in step.batches:
            loss = self.loss(batch)
            loss.backward()
            total += float(loss.detach())
        self.seconds += time.perf_counter() - began
        self.tokens += step.tokens
        gradients = torch.cat([value.grad.flatten() for value in self.parameters])
        for value in self.parameters:
            value.grad = None
        return total, gradients


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=1024, help="tokens of a step")
    given = parser.parse_args()
    prepare(0, given.threads)
    rows = make_rows(300)
    options: TrainOptions = make_options("train", {**defaults(), "batchTokens": given.tokens, "rank": RANK, "alpha": RANK})

    def steps(beginning: int) -> Iterator:
        return Batches(rows=rows, options=options, padding=0, seed=1, device="cpu", beginning=beginning).steps()

    theirs = make_model()
    config = LoraConfig(r=RANK, lora_alpha=RANK, target_modules="all-linear", task_type="CAUSAL_LM")
    rival = get_peft_model(theirs, config)
    ours = make_model()
    ours.set_attn_implementation(KERNEL)
    adapted = attach(ours, options)
    use_lora_products(adapted)
    sides = [
        Side("transformers + peft", wake(rival), lambda batch: plain(theirs, batch), steps(0)),
        Side("cogumi", wake(adapted), lambda batch: cross_entropy(ours, batch).sum, steps(shared_beginning(rows))),
    ]
    for number in range(given.steps + 1):
        (loss, gradients), (own_loss, own_gradients) = (side.step() for side in sides)
        if number == 0:
            apart = float((own_gradients - gradients).norm() / gradients.norm())
            print(f"losses apart by {abs(own_loss / loss - 1):.1e}, gradients by {apart:.1e} (relative)")
            for side in sides:
                side.tokens, side.seconds = 0, 0.0
    for side in sides:
        print(f"{side.name}: {side.tokens / side.seconds:.1f} tokens/s")
    print(f"ratio: {sides[0].seconds / sides[1].seconds:.2f}")


def defaults() -> dict:
    """Default options of `train`, as its schema has them."""
    import json
    from pathlib import Path

    import cogumi_engine

    schema = json.loads((Path(cogumi_engine.__file__).parent / "schemas/train.json").read_text("utf-8"))
    return {name: value["default"] for name, value in schema["properties"].items() if "default" in value}


if __name__ == "__main__":
    main()
