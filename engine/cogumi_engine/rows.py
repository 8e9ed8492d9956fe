"""Rows of a training set as tokens with a weight each: the weight says how much predicting the token counts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from transformers import PreTrainedTokenizerBase

from cogumi_engine.chat import render
from cogumi_engine.errors import JobError
from cogumi_engine.stops import stop_marks


@dataclass(frozen=True)
class Example:
    """One row. `ids` and `weights` have one length; `weights[i]` is the weight of predicting `ids[i]` from the tokens before it."""

    ids: Sequence[int]
    weights: Sequence[float]


class Rows(Protocol):
    """Tokenized rows, and how many were left out for their length; `tokens.TokenSet` reads them from files."""

    @property
    def lengths(self) -> Sequence[int]: ...

    @property
    def too_long(self) -> int: ...

    def __getitem__(self, row: int) -> Example: ...


def token_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Ids of the tokens of a text of any length, with no mark before or behind it."""
    return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a JSONL file, split only at newlines: U+2028 and the like occur inside real strings. Errors: ROW_INVALID."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as cause:
                raise JobError("ROW_INVALID", f"{path}, line {number} is not JSON.", "Fix or remove it.") from cause
            text = isinstance(row, dict) and isinstance(row.get("text"), str)
            chat = isinstance(row, dict) and isinstance(row.get("question"), str) and isinstance(row.get("answer"), str)
            if not text and not chat:
                message = f"{path}, line {number} has neither a text nor a question with its answer."
                raise JobError("ROW_INVALID", message, "Fix or remove it.")
            yield row


def read_chats(path: Path, count: int | None = None) -> list[dict[str, Any]]:
    """The first `count` rows with a question; running text is skipped. Errors: ROWS_EMPTY if there is none."""
    chats = []
    for row in read_rows(path):
        if "question" in row:
            chats.append(row)
            if len(chats) == count:
                break
    if not chats:
        raise JobError("ROWS_EMPTY", f"{path} holds no row with a question.", "Add rows.")
    return chats


def turns_of(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The turns of a row (`Row` in the contracts), its answer last. A turn of the assistant with `train: false` is not learned."""
    question = {"role": "user", "content": row["question"]}
    answer = {"role": "assistant", "content": row["answer"]}
    return [*row.get("history", []), question, *row.get("steps", []), answer]


def messages(row: dict[str, Any]) -> list[dict[str, str]]:
    """The turns of a row as a chat template reads them."""
    return [{"role": turn["role"], "content": turn["content"]} for turn in turns_of(row)]


def prompt_text(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any]) -> str:
    """The rendered chat up to where the model answers."""
    return render(tokenizer, messages(row)[:-1], to_answer=True)


def encode(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any], prompt_weight: float) -> Example:
    """
    Tokens of a row. Every token of running text weighs 1; a chat's answers weigh 1, their end marks included, and the rest
    weighs `prompt_weight`. An answer that must not be learned weighs 0.

    Some templates rewrite an earlier answer once a later one follows (Qwen3 drops its reasoning); it then weighs as a prompt.
    Errors: CHAT_TEMPLATE.
    """
    if "text" in row:
        end_of_text = tokenizer.pad_token or tokenizer.eos_token or ""
        text_ids = token_ids(tokenizer, row["text"] + str(end_of_text))
        return Example(text_ids, [1.0] * len(text_ids))
    ids: list[int] = []
    weights: list[float] = []

    def append(text: str, weight: float) -> None:
        # Prompt and answer are tokenized separately, as they are when the model is asked.
        new = token_ids(tokenizer, text)
        ids.extend(new)
        weights.extend([weight] * len(new))

    turns = messages(row)
    learned = [turn.get("train") is not False for turn in turns_of(row)]
    whole = render(tokenizer, turns)
    marks = stop_marks(tokenizer)
    at = 0
    for number, turn in enumerate(turns):
        if turn["role"] != "assistant":
            continue
        last = number == len(turns) - 1
        before = render(tokenizer, turns[:number], to_answer=True)
        through = whole if last else render(tokenizer, turns[: number + 1])
        answer = _to_end_mark(through[len(before) :], turn["content"], marks)
        if not (through.startswith(before) and whole.startswith(before + answer) and len(before) >= at):
            if not last:
                continue
            raise JobError(
                "CHAT_TEMPLATE",
                "The chat template writes a prompt that the whole chat does not start with, so answers cannot be located.",
                "Use a template whose generation prompt is a prefix of the rendered chat.",
            )
        append(whole[at : len(before)], prompt_weight)
        append(answer, 1.0 if learned[number] else 0.0)
        at = len(before) + len(answer)
    return Example(ids, weights)


def _to_end_mark(answer: str, content: str, marks: Sequence[str]) -> str:
    """
    The answer up to the first end mark behind its content: what a template writes after it is never generated, be it a line end
    (ChatML, Gemma) or the end of the text (Phi-3).
    """
    at = max(answer.rfind(content.strip()), 0)
    start = at + len(content.strip()) if answer.startswith(content.strip(), at) else 0
    ends = [end + len(mark) for mark in marks if (end := answer.find(mark, start)) >= 0]
    return answer[: min(ends)] if ends else answer
