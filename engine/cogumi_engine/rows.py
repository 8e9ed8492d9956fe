"""Rows of a training set as tokens with a weight each: what is learned and what is only read."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

from cogumi_engine.errors import JobError
from cogumi_engine.job import TELL_EVERY_SECONDS, Job


@dataclass
class Example:
    """`ids` and `weights` have one length; `weights[i]` counts for predicting `ids[i]` from what stands before it."""

    ids: list[int]
    weights: list[float]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """JSON lines, split at newlines alone: U+2028 and the like occur inside real strings. Errors: ROW_INVALID."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as cause:
                raise JobError("ROW_INVALID", f"{path}, line {number} is not JSON.", "Mend or remove it.") from cause
            text = isinstance(row, dict) and isinstance(row.get("text"), str)
            chat = isinstance(row, dict) and isinstance(row.get("question"), str) and isinstance(row.get("answer"), str)
            if not text and not chat:
                raise JobError(
                    "ROW_INVALID", f"{path}, line {number} has neither a text nor a question with its answer.", "Mend or remove it."
                )
            yield row


def read_chats(path: Path, count: int | None = None) -> list[dict[str, Any]]:
    """The first `count` rows with a question, running text passed over. Errors: ROWS_EMPTY when there is none."""
    chats = []
    for row in read_rows(path):
        if "question" in row:
            chats.append(row)
            if len(chats) == count:
                break
    if not chats:
        raise JobError("ROWS_EMPTY", f"{path} holds no row with a question.", "Add rows.")
    return chats


def messages(row: dict[str, Any]) -> list[dict[str, str]]:
    """The chat of a row, as `Row` in the contracts says."""
    answer = [{"role": "assistant", "content": row["answer"]}]
    return [*row.get("history", []), {"role": "user", "content": row["question"]}, *answer]


def prompt_text(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any]) -> str:
    """Everything before the answer, as the model is asked."""
    return _prompt(tokenizer, messages(row)[:-1])


def encode(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any], prompt_weight: float, last_only: bool = False) -> Example:
    """
    Tokens of a row: running text weighs 1 throughout, a chat 1 on its answers, end mark included (`last_only`: on the last
    one), and `prompt_weight` on the rest. An earlier answer that the template rewrites once a later one stands behind it
    (Qwen3 drops its reasoning) is read, not learned. Errors: CHAT_TEMPLATE.
    """
    if "text" in row:
        end_of_text = tokenizer.pad_token or tokenizer.eos_token or ""
        ids = tokenizer.encode(row["text"] + str(end_of_text), add_special_tokens=False)
        return Example(ids, [1.0] * len(ids))
    turns = messages(row)
    whole = str(tokenizer.apply_chat_template(turns, tokenize=False))
    example = Example([], [])
    at = 0
    for number, turn in enumerate(turns):
        last = number == len(turns) - 1
        if turn["role"] != "assistant" or (last_only and not last):
            continue
        before = _prompt(tokenizer, turns[:number])
        through = whole if last else str(tokenizer.apply_chat_template(turns[: number + 1], tokenize=False))
        if not (through.startswith(before) and whole.startswith(through) and len(before) >= at):
            if not last:
                continue
            raise JobError(
                "CHAT_TEMPLATE",
                "The chat template writes a prompt that the whole chat does not start with: answers cannot be told apart.",
                "Use a template whose generation prompt is a prefix of the rendered chat.",
            )
        answer = _to_end_mark(through[len(before) :], str(tokenizer.eos_token))
        _append(example, tokenizer, whole[at : len(before)], prompt_weight)
        _append(example, tokenizer, answer, 1.0)
        at = len(before) + len(answer)
    return example


def _prompt(tokenizer: PreTrainedTokenizerBase, turns: list[dict[str, str]]) -> str:
    return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))


def _to_end_mark(answer: str, mark: str) -> str:
    """Cut after the end mark: what a template writes behind it (a newline) is never generated."""
    end = answer.rfind(mark)
    return answer if end < 0 else answer[: end + len(mark)]


def _append(example: Example, tokenizer: PreTrainedTokenizerBase, text: str, weight: float) -> None:
    """Prompt and answer are cut into tokens apart, as it happens when the model is asked."""
    ids = tokenizer.encode(text, add_special_tokens=False)
    example.ids.extend(ids)
    example.weights.extend([weight] * len(ids))


def load_examples(
    job: Job, name: str, tokenizer: PreTrainedTokenizerBase, prompt_weight: float = 0.0
) -> tuple[list[Example], int]:
    """All rows of an input that fit and how many did not. Errors: NO_TRAINED_TOKEN when nothing would be learned."""
    path, max_tokens = job.input(name), job.options["maxRowTokens"]
    examples: list[Example] = []
    too_long = 0
    total = sum(1 for _ in path.open("rb"))
    told = time.monotonic()
    for number, row in enumerate(read_rows(path)):
        if time.monotonic() - told >= TELL_EVERY_SECONDS:
            told = time.monotonic()
            job.progress(number, total, "rows")
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
