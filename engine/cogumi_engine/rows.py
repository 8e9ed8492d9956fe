"""Rows of a training set as tokens with a weight each: what is learned and what is only read."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from cogumi_engine.errors import JobError


@dataclass
class Example:
    """`ids` and `weights` have one length; `weights[i]` counts for predicting `ids[i]` from what stands before it."""

    ids: list[int]
    weights: list[float]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """JSON lines, split at newlines alone: U+2028 and the like occur inside real strings."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except ValueError as cause:
                raise JobError("ROW_INVALID", f"{path}, line {number} is not JSON.", "Mend or remove it.") from cause


def messages(row: dict[str, Any]) -> list[dict[str, str]]:
    """The chat of a row, as `Row` in the contracts says."""
    answer = [{"role": "assistant", "content": row["answer"]}]
    return [*row.get("history", []), {"role": "user", "content": row["question"]}, *answer]


def prompt_text(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any]) -> str:
    """Everything before the answer, as the model is asked."""
    return str(tokenizer.apply_chat_template(messages(row)[:-1], tokenize=False, add_generation_prompt=True))


def encode(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any], prompt_weight: float) -> Example:
    """Tokens of a row: running text weighs 1 throughout, a chat 1 on its answers (end mark included)."""
    if "text" in row:
        ids = tokenizer.encode(row["text"] + str(tokenizer.pad_token), add_special_tokens=False)
        return Example(ids, [1.0] * len(ids))
    before = prompt_text(tokenizer, row)
    whole = str(tokenizer.apply_chat_template(messages(row), tokenize=False))
    if not whole.startswith(before):
        raise JobError(
            "CHAT_TEMPLATE",
            "The chat template writes a prompt that the whole chat does not start with: answers cannot be told apart.",
            "Use a template whose generation prompt is a prefix of the rendered chat.",
        )
    # Cut after the end mark: what a template writes behind it (a newline) is never generated.
    end = whole[len(before) :].rfind(str(tokenizer.eos_token))
    answer = whole[len(before) :] if end < 0 else whole[len(before) :][: end + len(str(tokenizer.eos_token))]
    prompt_ids = tokenizer.encode(before, add_special_tokens=False)
    answer_ids = tokenizer.encode(answer, add_special_tokens=False)
    return Example(prompt_ids + answer_ids, [prompt_weight] * len(prompt_ids) + [1.0] * len(answer_ids))


def load_examples(
    path: Path, tokenizer: PreTrainedTokenizerBase, max_tokens: int, prompt_weight: float = 0.0
) -> tuple[list[Example], int]:
    """All rows that fit and how many did not. Errors: NO_TRAINED_TOKEN when nothing would be learned."""
    examples: list[Example] = []
    too_long = 0
    for row in read_rows(path):
        example = encode(tokenizer, row, prompt_weight)
        if len(example.ids) > max_tokens:
            too_long += 1
        elif any(example.weights[1:]):
            examples.append(example)
        else:
            raise JobError(
                "NO_TRAINED_TOKEN",
                f"Row {row.get('question_id', '?')} of {path.name} has no token to learn from.",
                "Give every row an answer.",
            )
    if not examples:
        raise JobError(
            "NO_TRAINED_TOKEN",
            f"{path.name} holds no row to learn from ({too_long} are longer than {max_tokens} tokens).",
            "Add rows or raise `maxRowTokens`.",
        )
    return examples, too_long
