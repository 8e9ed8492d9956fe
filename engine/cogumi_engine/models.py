"""Loading what others wrote: checked before it is believed."""

import json
import struct
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase

from cogumi_engine.errors import JobError

FULL_PRECISION = {"F64", "F32", "F16", "BF16"}


def load_model(folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    """A causal language model in full precision. Errors: QUANTIZED_BASE, MODEL_CORRUPT, MODEL_UNREADABLE."""
    refuse_quantized(folder)
    try:
        return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="sdpa").eval()
    except (SafetensorError, OSError, ValueError) as cause:
        raise JobError("MODEL_UNREADABLE", f"{folder} cannot be loaded: {str(cause)[:200]}", "Fetch the model again.") from cause


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if tokenizer.chat_template is None:
        raise JobError("CHAT_TEMPLATE", f"{folder} has no chat template.", "Add chat_template.jinja to the model folder.")
    return tokenizer


def refuse_quantized(folder: Path) -> None:
    """Training on, or merging into, quantized weights loses what was learned: refused."""
    if folder.suffix == ".gguf":
        raise quantized(folder, "it is a GGUF file")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    if "quantization_config" in config:
        raise quantized(folder, "its config.json has a quantization_config")
    for path in sorted(folder.glob("*.safetensors")):
        for name, tensor in read_header(path, "MODEL_CORRUPT").items():
            if tensor["dtype"] not in FULL_PRECISION:
                raise quantized(folder, f"{name} is {tensor['dtype']}")


def quantized(folder: Path, what: str) -> JobError:
    return JobError(
        "QUANTIZED_BASE",
        f"{folder} is quantized: {what}.",
        "Use the full-precision weights; QLoRA has to be asked for by name.",
    )


def read_header(path: Path, code: str) -> dict[str, Any]:
    """Tensor table of a safetensors file whose size agrees with it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else size
        if length > size - 8:
            raise JobError(code, f"{path} promises a header of {length} bytes and has {size}.", "Fetch the file again.")
        try:
            header = json.loads(file.read(length))
        except ValueError as cause:
            raise JobError(code, f"{path} has a header that is not JSON.", "Fetch the file again.") from cause
    header.pop("__metadata__", None)
    wanted = 8 + length + max((tensor["data_offsets"][1] for tensor in header.values()), default=0)
    if wanted != size:
        raise JobError(code, f"{path} has {size} bytes; its header promises {wanted}.", "Fetch the file again.")
    return header


def load_adapter(model: Any, folder: Path) -> Any:
    """Base + adapter. Errors: ADAPTER_CORRUPT, ADAPTER_FOREIGN (another naming), ADAPTER_MISMATCH (another base)."""
    weights = folder / "adapter_model.safetensors"
    if not weights.exists():
        found = ", ".join(sorted(path.name for path in folder.glob("*.safetensors"))) or "no safetensors"
        raise JobError("ADAPTER_FOREIGN", f"{folder} holds {found}, not adapter_model.safetensors.", "Convert it to PEFT's form.")
    names = read_header(weights, "ADAPTER_CORRUPT")
    strange = next((name for name in names if not name.startswith("base_model.model.")), None)
    if strange is not None:
        raise JobError("ADAPTER_FOREIGN", f"{weights} names a tensor {strange}.", "PEFT's names start with base_model.model.")
    shapes = {name: tuple(tensor.shape) for name, tensor in model.named_parameters()}
    for name, tensor in names.items():
        module = name.removeprefix("base_model.model.").split(".lora_")[0]
        wanted = shapes.get(f"{module}.weight")
        side = 0 if ".lora_B." in name else 1
        got = tensor["shape"][0 if side == 0 else 1]
        if wanted is None or wanted[side] != got:
            base = "no such module" if wanted is None else f"{wanted[side]} wide"
            raise JobError("ADAPTER_MISMATCH", f"{name} is {got} wide; the base has {base}.", "Use the adapter's own base.")
    return PeftModel.from_pretrained(model, folder).eval()


def adapter_is_dead(folder: Path) -> bool:
    """A LoRA whose B matrices are all zero changes nothing."""
    tensors = load_file(folder / "adapter_model.safetensors")
    return all(not tensor.any() for name, tensor in tensors.items() if ".lora_B." in name)
