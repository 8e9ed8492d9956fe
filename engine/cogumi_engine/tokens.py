"""Tokenized rows as files that are mapped into memory: made once, read by any number of steps, never held as Python objects."""

import hashlib
import json
import os
import shutil
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase

from cogumi_engine.errors import JobError
from cogumi_engine.files import write_json
from cogumi_engine.job import REPORT_EVERY_SECONDS
from cogumi_engine.passages import encode_written
from cogumi_engine.rows import Example, encode, read_rows
from cogumi_engine.stops import stop_marks

# Version of the files' layout and of how rows become tokens: another number makes every set again.
FORMAT = 3

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class TokenSet:
    """
    The rows of a file as tokens with a weight each.

    `folder` holds `tokens.bin` (uint16, or uint32 for a vocabulary above 65,536), `weights.bin` (uint8 numbers into the
    table of weights in `index.json`), `offsets.bin` (int64, rows + 1 of them) and `index.json`, which is written last.
    """

    folder: Path

    @cached_property
    def index(self) -> dict[str, Any]:
        """`tokenType`, `weights`, `leftOut` and `digest`, a SHA-256 of tokens and weights of all rows."""
        index: dict[str, Any] = json.loads((self.folder / "index.json").read_text("utf-8"))
        return index

    @property
    def digest(self) -> str:
        """SHA-256 of the tokens and weights of all rows."""
        return str(self.index["digest"])

    @property
    def left_out(self) -> list[int]:
        """Numbers of the rows that are longer than the limit."""
        return list(self.index["leftOut"])

    @property
    def too_long(self) -> int:
        """How many rows were left out."""
        return len(self.left_out)

    @cached_property
    def lengths(self) -> "array[int]":
        """Tokens of each row."""
        return array("i", np.diff(self._offsets).astype(np.int32).tobytes())

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, row: int) -> Example:
        place = slice(self._offsets[row], self._offsets[row + 1])
        return Example(self._tokens[place].tolist(), self._weight_table[self._weights[place]].tolist())

    @cached_property
    def _offsets(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        return np.memmap(self.folder / "offsets.bin", np.int64, "r")

    @cached_property
    def _tokens(self) -> np.ndarray[Any, Any]:
        return np.memmap(self.folder / "tokens.bin", self.index["tokenType"], "r")

    @cached_property
    def _weights(self) -> np.ndarray[Any, Any]:
        return np.memmap(self.folder / "weights.bin", np.uint8, "r")

    @cached_property
    def _weight_table(self) -> np.ndarray[Any, Any]:
        return np.array(self.index["weights"], np.float32)


def token_set(
    path: Path, tokenizer: PreTrainedTokenizerBase, cache: Path, *, max_tokens: int, prompt_weight: float | None, progress: Progress
) -> TokenSet:
    """
    The token set of the rows in `path`, from `cache` if it was made before: its name is a digest of all it depends on.

    `prompt_weight`: of `encode`. None: what was written weighs 1, in questions as in answers (`encode_written`).

    Errors: ROW_INVALID, CHAT_TEMPLATE; NO_TRAINED_TOKEN if there is nothing to learn from.
    """
    folder = cache / _key(path, tokenizer, max_tokens, prompt_weight)
    if not (folder / "index.json").exists():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        token_type = "uint16" if len(tokenizer) <= 2**16 else "uint32"
        examples = _examples(path, tokenizer, max_tokens, prompt_weight, progress)
        rows, too_long = _write(partial, token_type, examples, max_tokens)
        if rows == 0:
            message = f"{path.name} holds no row to learn from ({too_long} are longer than {max_tokens} tokens)."
            raise JobError("NO_TRAINED_TOKEN", message, "Add rows or raise `maxRowTokens`.")
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    return TokenSet(folder)


def _key(path: Path, tokenizer: PreTrainedTokenizerBase, max_tokens: int, prompt_weight: float | None) -> str:
    with path.open("rb") as file:
        rows = hashlib.file_digest(file, "sha256").hexdigest()
    backend = getattr(tokenizer, "backend_tokenizer", None)
    words = sorted(tokenizer.get_vocab().items()) if backend is None else backend.to_str()
    marks = [stop_marks(tokenizer), tokenizer.pad_token, tokenizer.chat_template]
    libraries = [version("tokenizers"), version("transformers")]
    whole = [FORMAT, rows, type(tokenizer).__name__, words, marks, libraries, max_tokens, prompt_weight]
    return hashlib.sha256(json.dumps(whole, default=str).encode()).hexdigest()


def _examples(
    path: Path, tokenizer: PreTrainedTokenizerBase, max_tokens: int, prompt_weight: float | None, progress: Progress
) -> Iterator[Example]:
    with path.open("rb") as file:
        total = sum(1 for _ in file)
    reported = time.monotonic()
    for number, row in enumerate(read_rows(path)):
        if time.monotonic() - reported >= REPORT_EVERY_SECONDS:
            reported = time.monotonic()
            progress(number, total, "rows")
        example = encode_written(tokenizer, row) if prompt_weight is None else encode(tokenizer, row, prompt_weight)
        if len(example.ids) <= max_tokens and not any(example.weights[1:]):
            message = f"Row {row.get('question_id', '?')} of {path.name} has no token to learn from."
            raise JobError("NO_TRAINED_TOKEN", message, "Give every row an answer.")
        yield example


def _write(folder: Path, token_type: str, examples: Iterator[Example], max_tokens: int) -> tuple[int, int]:
    """Writes examples one by one and leaves out those that are too long; answers how many there were of both."""
    digest = hashlib.sha256()
    codes: dict[float, int] = {}
    rows = end = 0
    left_out: list[int] = []
    with (
        (folder / "tokens.bin").open("wb") as tokens,
        (folder / "weights.bin").open("wb") as weights,
        (folder / "offsets.bin").open("wb") as offsets,
    ):
        offsets.write(np.int64(0).tobytes())
        for number, example in enumerate(examples):
            if len(example.ids) > max_tokens:
                left_out.append(number)
                continue
            rows += 1
            end += len(example.ids)
            numbers = [codes.setdefault(weight, len(codes)) for weight in example.weights]
            parts = np.array(example.ids, token_type), np.array(numbers, np.uint8), np.int64(end)
            for file, part in zip((tokens, weights, offsets), parts, strict=True):
                file.write(part.tobytes())
                digest.update(part.tobytes())
        for file in (tokens, weights, offsets):
            file.flush()
            os.fsync(file.fileno())
    table = list(codes)
    digest.update(json.dumps([token_type, table]).encode())
    index = {"tokenType": token_type, "weights": table, "leftOut": left_out, "digest": digest.hexdigest()}
    write_json(folder / "index.json", index)
    return rows, len(left_out)
