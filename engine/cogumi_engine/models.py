"""Loading what others wrote: checked before it is believed."""

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import AttentionInterface, AttentionMaskInterface, AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from cogumi_engine.errors import JobError

FULL_PRECISION = {"F64", "F32", "F16", "BF16"}

# What the safetensors library itself allows; a header names each tensor in about 100 bytes.
LARGEST_HEADER_BYTES = 100_000_000

PREFIX = "base_model.model."

# The tokenizer's part of a model folder (SentencePiece, BPE, what is added to them, templates).
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


def load_model(folder: Path, device: str = "cpu") -> Any:
    """A causal language model in f32. Errors: MODEL_NOT_FOUND, MODEL_CORRUPT, MODEL_UNREADABLE, QUANTIZED_BASE."""
    check_model(folder)
    try:
        model, found = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="sdpa", output_loading_info=True
        )
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as cause:
        raise JobError("MODEL_UNREADABLE", f"{folder} cannot be loaded: {str(cause)[:200]}", "Fetch the model again.") from cause
    # transformers fills what it does not find with random numbers and goes on.
    missing = sorted(found["missing_keys"])
    if missing:
        raise JobError(
            "MODEL_CORRUPT",
            f"{folder} lacks {len(missing)} tensors that its config.json asks for, {missing[0]} first.",
            "Fetch the model again.",
        )
    return model.eval().to(device)


def attend_in_f32(model: Any) -> None:
    """On a CPU the backward pass of attention takes 4 times as long in bf16 as in f32, a quarter of a step (docs/log.md)."""

    def attend(module: Any, query: Any, key: Any, value: Any, mask: Any, **options: Any) -> Any:
        with torch.autocast(query.device.type, enabled=False):
            out, weights = sdpa_attention_forward(module, query.float(), key.float(), value.float(), mask, **options)
        return out.to(query.dtype), weights

    AttentionInterface.register("sdpa-f32", attend)
    AttentionMaskInterface.register("sdpa-f32", sdpa_mask)
    model.set_attn_implementation("sdpa-f32")


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Errors: MODEL_UNREADABLE, CHAT_TEMPLATE."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise JobError(
            "MODEL_UNREADABLE", f"The tokenizer of {folder} cannot be loaded: {str(cause)[:200]}", "Fetch the model again."
        ) from cause
    if tokenizer.chat_template is None:
        raise JobError("CHAT_TEMPLATE", f"{folder} has no chat template.", "Add chat_template.jinja to the model folder.")
    return tokenizer


def copy_tokenizer(source: Path, target: Path) -> None:
    """The tokenizer's files as they are: what transformers would write instead lacks `tokenizer.model` (measured, 5.17)."""
    for pattern in TOKENIZER_FILES:
        for path in sorted(source.glob(pattern)):
            shutil.copyfile(path, target / path.name)


def check_model(folder: Path) -> None:
    """Every file against what it promises; training on, or merging into, quantized weights loses what was learned: refused."""
    if folder.suffix == ".gguf":
        raise _quantized(folder, "it is a GGUF file")
    config = read_config(folder / "config.json", "MODEL_NOT_FOUND", "MODEL_CORRUPT")
    if config.get("quantization_config") is not None:
        raise _quantized(folder, "its config.json has a quantization_config")
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        what = "GGUF files alone" if any(folder.glob("*.gguf")) else "no *.safetensors"
        raise JobError("MODEL_NOT_FOUND", f"{folder} holds {what}.", "Give the full-precision weights as safetensors.")
    index = folder / "model.safetensors.index.json"
    if index.exists():
        wanted = set(read_config(index, "MODEL_NOT_FOUND", "MODEL_CORRUPT").get("weight_map", {}).values())
        lost = sorted(wanted - {path.name for path in files})
        if lost:
            raise JobError("MODEL_NOT_FOUND", f"{folder} lacks {len(lost)} of {len(wanted)} files, {lost[0]} first.", "Fetch them.")
    for path in files:
        for name, tensor in read_header(path, "MODEL_CORRUPT").items():
            if tensor["dtype"] not in FULL_PRECISION:
                raise _quantized(folder, f"{name} is {tensor['dtype']}")


def _quantized(folder: Path, what: str) -> JobError:
    return JobError("QUANTIZED_BASE", f"{folder} is quantized: {what}.", "Give the full-precision weights (bf16, f16 or f32).")


def read_config(path: Path, absent: str, corrupt: str) -> dict[str, Any]:
    if not path.exists():
        raise JobError(absent, f"{path} does not exist.", "Give a whole folder.")
    try:
        value = json.loads(path.read_text("utf-8"))
    except ValueError as cause:
        raise JobError(corrupt, f"{path} is not JSON.", "Fetch the file again.") from cause
    if not isinstance(value, dict):
        raise JobError(corrupt, f"{path} is not a JSON object.", "Fetch the file again.")
    return value


def read_header(path: Path, code: str) -> dict[str, Any]:
    """Tensor table of a safetensors file whose size agrees with it. Errors: `code` with both byte counts."""

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


def check_adapter(folder: Path) -> dict[str, Any]:
    """Tensor table of a PEFT LoRA folder. Errors: ADAPTER_CORRUPT, ADAPTER_FOREIGN (another form or naming), DEAD_ADAPTER."""
    weights = folder / "adapter_model.safetensors"
    if not weights.exists():
        found = ", ".join(sorted(path.name for path in folder.glob("*.safetensors"))) or "no safetensors"
        raise JobError("ADAPTER_FOREIGN", f"{folder} holds {found}, not adapter_model.safetensors.", "Convert it to PEFT's form.")
    config = read_config(folder / "adapter_config.json", "ADAPTER_CORRUPT", "ADAPTER_CORRUPT")
    if config.get("peft_type") != "LORA":
        raise JobError("ADAPTER_FOREIGN", f"{folder} is of type {config.get('peft_type')}, not LORA.", "Give a LoRA adapter.")
    names = read_header(weights, "ADAPTER_CORRUPT")
    strange = next((name for name in names if not (name.startswith(PREFIX) and ".lora_" in name)), None)
    if strange is not None:
        raise JobError("ADAPTER_FOREIGN", f"{weights} names a tensor {strange}.", f"PEFT's names are {PREFIX}….lora_A.weight.")
    tensors = load_file(weights)
    if not any(tensor.any() for name, tensor in tensors.items() if ".lora_B." in name):
        raise JobError("DEAD_ADAPTER", "Every B matrix of the adapter is zero: it changes nothing.", "Train it again.")
    return names


def load_adapter(model: Any, folder: Path) -> Any:
    """Base + adapter. Errors: those of `check_adapter`; ADAPTER_MISMATCH when it was made for another base."""
    names = check_adapter(folder)
    shapes = {name: tuple(tensor.shape) for name, tensor in model.named_parameters()}
    for name, tensor in names.items():
        module = name.removeprefix(PREFIX).split(".lora_")[0]
        base = shapes.get(f"{module}.weight")
        # A is [rank, width in], B is [width out, rank], the base's weight [out, in].
        side = 0 if ".lora_B." in name else 1
        if base is None or tensor["shape"][side] != base[side]:
            has = "no such module" if base is None else f"{base[side]}"
            raise JobError("ADAPTER_MISMATCH", f"{name} is {tensor['shape'][side]} wide; the base has {has}.", "Use the adapter's own base.")
    try:
        both = PeftModel.from_pretrained(model, folder).eval()
    except (RuntimeError, ValueError, KeyError, TypeError) as cause:
        raise JobError("ADAPTER_CORRUPT", f"{folder} cannot be loaded: {str(cause)[:200]}", "Train or fetch it again.") from cause
    # PEFT makes empty matrices for what its config names and the file lacks, and leaves out what the config does not name.
    applied = sum(1 for name, _ in both.named_parameters() if ".lora_" in name)
    if applied != len(names):
        message = f"{folder} holds {len(names)} matrices; its adapter_config.json makes {applied} in this base."
        raise JobError("ADAPTER_MISMATCH", message, "Use the adapter's own base and its own config.")
    return both


def linear_names(model: Any) -> list[str]:
    """Own names of all linear layers but the output head, as LoRA's targets. Errors: NO_LINEAR_LAYER."""
    head = model.get_output_embeddings()
    linear = (name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear) and module is not head)
    names = sorted({name.rsplit(".", 1)[-1] for name in linear})
    if not names:
        raise JobError("NO_LINEAR_LAYER", f"{type(model).__name__} has no linear layer that LoRA could adapt.", "Use another base.")
    return names
