"""llama.cpp's name of a tokenizer's pre-tokenizer, kept beside a tokenizer that its converter does not know."""

from pathlib import Path

from cogumi_engine.files import write_json
from cogumi_engine.models import read_config

# Matches what `copy_tokenizer` copies, and nothing that transformers reads.
NAME = "tokenizer_llama.json"


def write_pre_tokenizer(folder: Path, name: str | None) -> None:
    """None is not written: then the recipe has to name it (`export.preTokenizer`)."""
    if name is not None:
        write_json(folder / NAME, {"preTokenizer": name})


def read_pre_tokenizer(folder: Path) -> str | None:
    """The name that the folder holds; None: the converter recognises the tokenizer."""
    path = folder / NAME
    return read_config(path).get("preTokenizer") if path.exists() else None
