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
def known_as(name: str, folder: Path) -> Iterator[str]:
    """
    Path to the folder under another name.

    Converters guess version, size and fine-tune from the folder's name and write them into the file (measured:
    `some-7B-name-v2` gave three more fields), so equal models would give different files.
    """
    with tempfile.TemporaryDirectory() as place:
        link = Path(place) / name
        link.symlink_to(folder.resolve(), target_is_directory=True)
        yield str(link)


def run(name: str, arguments: list[str], pre_tokenizer: str | None = None, fields: dict[str, str] | None = None) -> None:
    """Runs a converter script; its output goes to the log. `fields`: further texts for the file's metadata. Errors: CONVERT."""
    load("gguf")
    silent = contextlib.redirect_stdout(sys.stderr)
    with _arguments(name, arguments), _pre_tokenizer(pre_tokenizer), _further(fields or {}), silent, _last_error() as last:
        try:
            runpy.run_path(str(source() / f"{name}.py"), run_name="__main__")
        except SystemExit as cause:
            if cause.code:
                why = last[-1] if last else f"it ended with exit code {cause.code}"
                hint = "Check that this llama.cpp supports the architecture."
                raise JobError("CONVERT", f"{name}.py: {why[:200]}.", hint) from cause
        except NotImplementedError as cause:
            raise JobError(
                "CONVERT",
                f"llama.cpp does not support this model: {str(cause)[:200]}.",
                "If it is the pre-tokenizer, set `export.preTokenizer`.",
            ) from cause


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
def _arguments(name: str, arguments: list[str]) -> Iterator[None]:
    with patch.object(sys, "argv", [name, *arguments]):
        yield


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


@contextlib.contextmanager
def _pre_tokenizer(name: str | None) -> Iterator[None]:
    """Gives the converter the pre-tokenizer of a tokenizer that is not in its list of hashes."""
    if name is None:
        yield
        return
    base = load("conversion.base")
    with patch.object(base.TextModel, "get_vocab_base_pre", lambda _self, _tokenizer: name):
        yield


def pre_tokenizer_of(tokenizer: PreTrainedTokenizerBase) -> str | None:
    """llama.cpp's name for the pre-tokenizer of a byte-level tokenizer; None if its converter does not recognise it."""
    load("gguf")
    base = load("conversion.base")
    try:
        return str(base.TextModel.get_vocab_base_pre(None, tokenizer))
    except NotImplementedError:
        return None
