"""The tokens that end an answer: a model may have several (Llama 3, Gemma, Phi-3), and its tokenizer names only one."""

import json
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase

# Where a tokenizer keeps what its folder says; transformers writes its settings with it.
KEY = "stop_ids"


def remember_stops(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Notes the end tokens that the folder's generation_config.json and config.json name, besides the tokenizer's own."""
    found = [tokenizer.eos_token_id]
    for name in ("generation_config.json", "config.json"):
        path = folder / name
        value = json.loads(path.read_text("utf-8")).get("eos_token_id") if path.exists() else None
        found.extend(value if isinstance(value, list) else [value])
    held = {number for number in found if isinstance(number, int) and 0 <= number < len(tokenizer)}
    tokenizer.init_kwargs[KEY] = sorted(held)


def stop_ids(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Ids of the tokens that end an answer."""
    own: Any = tokenizer.eos_token_id
    return list(tokenizer.init_kwargs.get(KEY) or ([] if own is None else [own]))


def stop_marks(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """Texts of the tokens that end an answer."""
    return [str(tokenizer.convert_ids_to_tokens(number)) for number in stop_ids(tokenizer)]
