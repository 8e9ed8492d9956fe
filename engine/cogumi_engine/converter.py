"""llama.cpp's own converters, run in this process from the pinned source (scripts/llama-source.mjs)."""

import contextlib
import importlib
import logging
import os
import runpy
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from transformers import PreTrainedTokenizerBase

from cogumi_engine.errors import JobError
from cogumi_engine.files import write_json


def source() -> Path:
    """Folder with llama.cpp's converters. Errors: LLAMA_SOURCE."""
    folder = Path(os.environ.get("COGUMI_LLAMA_SOURCE", ""))
    if not (folder / "convert_hf_to_gguf.py").exists():
        raise JobError("LLAMA_SOURCE", f'llama.cpp\'s converters are not in "{folder}".', "Run `npm run setup`.")
    return folder


def load(name: str) -> ModuleType:
    """Imports a module of that source, with the gguf library of the same release."""
    folder = source()
    for path in (folder / "gguf-py", folder):
        if str(path) not in sys.path:
            sys.path.insert(0, str(path))
    return importlib.import_module(name)


@contextlib.contextmanager
def known_as(name: str, folder: Path, changed: dict[str, Any]) -> Iterator[str]:
    """
    Path to a folder of this name with the files of `folder`, but other JSON in those that `changed` names.

    Converters guess version, size and fine-tune from the folder's name and write them into the file (measured:
    `some-7B-name-v2` gave three more fields), so equal models would give different files.
    """
    with tempfile.TemporaryDirectory() as place:
        known = Path(place) / name
        known.mkdir()
        for path in folder.iterdir():
            if path.name not in changed:
                (known / path.name).symlink_to(path.resolve())
        for file, value in changed.items():
            write_json(known / file, value)
        yield str(known)


def run(name: str, arguments: list[str], pre_tokenizer: str | None = None, fields: dict[str, str] | None = None) -> None:
    """Runs a converter script; its output goes to the log. `fields`: further texts for the file's metadata. Errors: CONVERT."""
    load("gguf")
    with contextlib.ExitStack() as while_it_runs:
        while_it_runs.enter_context(contextlib.redirect_stdout(sys.stderr))
        while_it_runs.enter_context(patch.object(sys, "argv", [name, *arguments]))
        while_it_runs.enter_context(_further(fields or {}))
        if pre_tokenizer is not None:
            # What it would recognise by a list of hashes, in which this tokenizer is not.
            recognise = patch.object(load("conversion.base").TextModel, "get_vocab_base_pre", lambda *_: pre_tokenizer)
            while_it_runs.enter_context(recognise)
        last = while_it_runs.enter_context(_last_error())
        try:
            runpy.run_path(str(source() / f"{name}.py"), run_name="__main__")
        except SystemExit as cause:
            if cause.code:
                why = last[-1] if last else f"it ended with exit code {cause.code}"
                hint = "Check that this llama.cpp supports the architecture."
                raise JobError("CONVERT", f"{name}.py: {why[:200]}.", hint) from cause
        except NotImplementedError as cause:
            message = f"llama.cpp does not support this model: {str(cause)[:200]}."
            raise JobError("CONVERT", message, "If it is the pre-tokenizer, set `export.preTokenizer`.") from cause


@contextlib.contextmanager
def _last_error() -> Iterator[list[str]]:
    """Error messages that the converter logs: its exit code says nothing."""
    said: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        yield said
    finally:
        logging.getLogger().removeHandler(handler)


@contextlib.contextmanager
def _further(fields: dict[str, str]) -> Iterator[None]:
    """Adds texts to the metadata of the files that a converter writes."""
    writer = load("gguf").GGUFWriter
    write = writer.write_header_to_file

    def write_more(self: Any, *given: Any, **named: Any) -> None:
        for key, text in fields.items():
            self.add_string(key, text)
        write(self, *given, **named)

    with patch.object(writer, "write_header_to_file", write_more):
        yield


def pre_tokenizer_of(tokenizer: PreTrainedTokenizerBase) -> str | None:
    """llama.cpp's name for the pre-tokenizer of a byte-level tokenizer; None if its converter does not recognise it."""
    load("gguf")
    base = load("conversion.base")
    try:
        return str(base.TextModel.get_vocab_base_pre(None, tokenizer))
    except NotImplementedError:
        return None
