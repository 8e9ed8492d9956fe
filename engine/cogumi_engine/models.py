"""Models and tokenizers from folders that others wrote: every file is checked before it is used."""

import json
import re
import shutil
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from cogumi_engine.attention import KERNEL
from cogumi_engine.errors import JobError
from cogumi_engine.stops import remember_stops

FULL_PRECISION = {"F64", "F32", "F16", "BF16"}

# What the safetensors library itself allows; a header names each tensor in about 100 bytes.
LARGEST_HEADER_BYTES = 100_000_000

# Names of control tokens in a chat template, such as <|im_end|>.
MARK = re.compile(r"<[^<>\s']+>")

# Files of a tokenizer in a model folder (SentencePiece, BPE, added tokens, templates).
TOKENIZER_FILES = (
    "tokenizer*.json",
    "vocab.*",
    "merges.txt",
    "added_tokens.json",
    "special_tokens_map.json",
    "chat_template*",
    "*.model",
    "*.tiktoken",
)


def load_model(folder: Path, device: str = "cpu", dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    """A causal language model. Errors: MODEL_NOT_FOUND, MODEL_CORRUPT, MODEL_UNREADABLE, QUANTIZED_BASE."""
    check_model(folder)
    try:
        model, found = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, attn_implementation=KERNEL, output_loading_info=True
        )
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as cause:
        raise JobError("MODEL_UNREADABLE", f"{folder} cannot be loaded: {str(cause)[:200]}", "Fetch the model again.") from cause
    # transformers initialises missing tensors at random and only warns.
    missing = sorted(found["missing_keys"])
    if missing:
        message = f"{folder} lacks {len(missing)} tensors that its config.json asks for, {missing[0]} first."
        raise JobError("MODEL_CORRUPT", message, "Fetch the model again.")
    # It also leaves out what its config has no place for: biases, norms of another architecture.
    unexpected = sorted(found["unexpected_keys"])
    if unexpected:
        message = f"{folder} holds {len(unexpected)} tensors that {type(model).__name__} of its config.json has no place for"
        raise JobError("MODEL_CORRUPT", f"{message}, {unexpected[0]} first.", "Give the config.json that belongs to the weights.")
    return model.eval().to(device)


def save_model(model: PreTrainedModel, source: Path, target: Path) -> None:
    """Writes a model that was made of the one in `source`: in the precision of its files, with its tokenizer."""
    model.to(stored_type(source)).save_pretrained(target)
    copy_tokenizer(source, target)


def facts_of(model: PreTrainedModel) -> dict[str, Any]:
    """What every job that writes a model answers of it."""
    return {"parameters": sum(value.numel() for value in model.parameters()), "architecture": type(model).__name__}


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Errors: MODEL_UNREADABLE, CHAT_TEMPLATE, TOKENIZER_MISMATCH."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError, KeyError, TypeError) as cause:
        message = f"The tokenizer of {folder} cannot be loaded: {str(cause)[:200]}"
        raise JobError("MODEL_UNREADABLE", message, "Fetch the model again.") from cause
    if tokenizer.chat_template is None:
        raise JobError("CHAT_TEMPLATE", f"{folder} has no chat template.", "Add chat_template.jinja to the model folder.")
    _check_tokens(tokenizer, folder)
    remember_stops(tokenizer, folder)
    return tokenizer


def _check_tokens(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """
    Every token that a chat may hold needs a row of the embedding. Added tokens that no chat holds may be beyond it: Gemma 3's text
    models name an image token that only their larger sizes have. Errors: TOKENIZER_MISMATCH with both sizes.
    """
    config = read_config(folder / "config.json") if (folder / "config.json").exists() else {}
    rows = config.get("text_config", config).get("vocab_size")
    if not isinstance(rows, int):
        return
    marks = {tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token, *MARK.findall(str(tokenizer.chat_template))}
    added = tokenizer.get_added_vocab()
    beyond = [piece for piece, number in tokenizer.get_vocab().items() if number >= rows and (piece not in added or piece in marks)]
    if beyond:
        message = f"The tokenizer of {folder} has {len(tokenizer)} tokens, {beyond[0]} among them; the embedding has {rows} rows."
        raise JobError("TOKENIZER_MISMATCH", message, "The tokenizer is of another model: fetch the whole folder again.")


def copy_tokenizer(source: Path, target: Path) -> None:
    """Copies the tokenizer's files: what transformers writes instead lacks `tokenizer.model` (measured, 5.17)."""
    for pattern in TOKENIZER_FILES:
        for path in sorted(source.glob(pattern)):
            shutil.copyfile(path, target / path.name)


def stored_type(folder: Path) -> torch.dtype:
    """Precision of most tensors in the base's files."""
    types = {"BF16": torch.bfloat16, "F16": torch.float16, "F32": torch.float32, "F64": torch.float64}
    headers = [read_header(path) for path in folder.glob("*.safetensors")]
    counts = Counter(tensor["dtype"] for header in headers for tensor in header.values())
    return types[counts.most_common(1)[0][0]]


def check_model(folder: Path) -> None:
    """
    Checks every file of a model folder against its header, and refuses quantized weights: training on them or merging into
    them loses what was learned. Errors: MODEL_NOT_FOUND, MODEL_CORRUPT, QUANTIZED_BASE.
    """
    if folder.suffix == ".gguf":
        raise _quantized(folder, "it is a GGUF file")
    config = read_config(folder / "config.json")
    if config.get("quantization_config") is not None:
        raise _quantized(folder, "its config.json has a quantization_config")
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        what = "only GGUF files" if any(folder.glob("*.gguf")) else "no *.safetensors"
        raise JobError("MODEL_NOT_FOUND", f"{folder} holds {what}.", "Give the full-precision weights as safetensors.")
    headers = {path.name: read_header(path) for path in files}
    _check_shards(folder, headers)
    for header in headers.values():
        for name, tensor in header.items():
            if tensor["dtype"] not in FULL_PRECISION:
                raise _quantized(folder, f"{name} is {tensor['dtype']}")


def _check_shards(folder: Path, headers: dict[str, dict[str, Any]]) -> None:
    """Every tensor has to be in the file that the index names. Errors: MODEL_NOT_FOUND, MODEL_CORRUPT."""
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return
    places = read_config(index).get("weight_map", {})
    wanted = set(places.values())
    lost = sorted(wanted - headers.keys())
    if lost:
        raise JobError("MODEL_NOT_FOUND", f"{folder} lacks {len(lost)} of {len(wanted)} files, {lost[0]} first.", "Fetch them.")
    for name, file in places.items():
        if name not in headers[file]:
            found = next((other for other, header in headers.items() if name in header), "no file")
            message = f"{index.name} puts {name} into {file}; it is in {found}."
            raise JobError("MODEL_CORRUPT", message, "The files were renamed or belong to another model: fetch the model again.")


def _quantized(folder: Path, what: str) -> JobError:
    return JobError("QUANTIZED_BASE", f"{folder} is quantized: {what}.", "Give the full-precision weights (bf16, f16 or f32).")


def read_config(path: Path, absent: str = "MODEL_NOT_FOUND", corrupt: str = "MODEL_CORRUPT") -> dict[str, Any]:
    """A JSON object from a file. Errors: the code `absent` or `corrupt`."""
    if not path.exists():
        raise JobError(absent, f"{path} does not exist.", "Give a complete model folder.")
    try:
        value = json.loads(path.read_text("utf-8"))
    except ValueError as cause:
        raise JobError(corrupt, f"{path} is not JSON.", "Fetch the file again.") from cause
    if not isinstance(value, dict):
        raise JobError(corrupt, f"{path} is not a JSON object.", "Fetch the file again.")
    return value


def read_header(path: Path, code: str = "MODEL_CORRUPT") -> dict[str, Any]:
    """
    Header of a safetensors file: name to `dtype`, `shape` (a tuple) and `data_offsets`. Errors: `code` if the file does not
    have the size that its header promises, with both byte counts.
    """

    def corrupt(what: str) -> JobError:
        return JobError(code, f"{path} {what}.", "Fetch the file again.")

    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else size
        if length > min(size - 8, LARGEST_HEADER_BYTES):
            raise corrupt(f"promises a header of {length} bytes and has {size}")
        try:
            header = json.loads(file.read(length))
        except ValueError as cause:
            raise corrupt("has a header that is not JSON") from cause
    if not isinstance(header, dict):
        raise corrupt("has a header that is not a table")
    header.pop("__metadata__", None)
    wanted = 8 + length
    for name, tensor in header.items():
        try:
            _, shape, (_, end) = tensor["dtype"], tuple(map(int, tensor["shape"])), tensor["data_offsets"]
        except (KeyError, TypeError, ValueError) as cause:
            raise corrupt(f"describes tensor {name[:80]} without type, shape or place") from cause
        tensor["shape"] = shape
        wanted = max(wanted, 8 + length + int(end))
    if wanted != size:
        raise corrupt(f"has {size} bytes; its header promises {wanted}")
    return header
