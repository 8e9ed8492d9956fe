"""Adapters (LoRA, rsLoRA, DoRA) in PEFT's form: made, saved, checked tensor by tensor, loaded."""

import json
import math
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import PreTrainedModel

from cogumi_engine.errors import JobError
from cogumi_engine.files import write_json
from cogumi_engine.models import read_config, read_header
from cogumi_engine.options import TrainOptions

# Shape of each kind of tensor, for a layer whose weight is [out, in].
KINDS = {
    "lora_A.weight": ("rank", "in"),
    "lora_B.weight": ("out", "rank"),
    "lora_magnitude_vector": ("out",),  # DoRA
}
NAME = re.compile(rf"base_model\.model\.(?P<module>.+)\.(?P<kind>{'|'.join(map(re.escape, KINDS))})")

# Tensor kind to shape, by the name of the adapted layer.
Layers = dict[str, dict[str, tuple[int, ...]]]


def attach(model: PreTrainedModel, options: TrainOptions) -> PeftModel:
    """Puts a new adapter into `model`, in place, and freezes everything else. Errors: NO_LINEAR_LAYER, ADAPTER_TARGET."""
    config = LoraConfig(
        r=options.rank,
        lora_alpha=options.alpha,
        lora_dropout=float(options.dropout),
        use_rslora=options.adapter == "rslora",
        use_dora=options.adapter == "dora",
        target_modules=target_names(model, options.targets),
        exclude_modules=_outside_decoder(model) or None,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def target_names(model: PreTrainedModel, targets: str | tuple[str, ...]) -> list[str]:
    """
    Names of the layers to adapt: the given ones, or for `all-linear` the last part of the name of every linear layer of the
    decoder. Errors: NO_LINEAR_LAYER; ADAPTER_TARGET if a given name is no linear layer of the decoder.
    """
    linear = _linear_layers(model, of_decoder=True)
    names = sorted({name.rsplit(".", 1)[-1] for name in linear})
    if not names:
        raise JobError("NO_LINEAR_LAYER", f"{type(model).__name__} has no linear layer that LoRA could adapt.", "Use another base.")
    if targets == "all-linear":
        return names
    for target in targets:
        if not any(name == target or name.endswith(f".{target}") for name in linear):
            message = f'{type(model).__name__} has no linear layer "{target}"; it has {", ".join(names)}.'
            raise JobError("ADAPTER_TARGET", message, "Correct `targets`, or leave it out to adapt all of them.")
    return sorted(targets)


def _outside_decoder(model: PreTrainedModel) -> list[str]:
    """Linear layers of a model that also sees or hears: text never reaches them, and their names repeat those of the decoder."""
    head = model.get_output_embeddings()
    return [name for name in _linear_layers(model, of_decoder=False) if model.get_submodule(name) is not head]


def _linear_layers(model: PreTrainedModel, of_decoder: bool) -> list[str]:
    """Full names of the linear layers inside the decoder, or of the others."""
    inside = {id(module) for module in model.get_decoder().modules()}
    linear = [(name, module) for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    return [name for name, module in linear if (id(module) in inside) == of_decoder]


def save_adapter(adapted: PeftModel, folder: Path) -> None:
    """Writes PEFT's folder without the base's path and the empty model card: equal adapters give equal files."""
    adapted.save_pretrained(str(folder), save_embedding_layers=False)
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text("utf-8"))
    config["base_model_name_or_path"] = "base"
    for name in ("target_modules", "exclude_modules"):
        config[name] = sorted(config[name]) if config.get(name) else None
    write_json(path, config)
    (folder / "README.md").unlink(missing_ok=True)


def check_adapter(folder: Path) -> Layers:
    """
    Checks that a PEFT folder is whole and agrees with itself.

    Errors: ADAPTER_CORRUPT; ADAPTER_FOREIGN (other form or names); DEAD_ADAPTER (it changes nothing).
    """
    weights = folder / "adapter_model.safetensors"
    if not weights.exists():
        found = ", ".join(sorted(path.name for path in folder.glob("*.safetensors"))) or "no safetensors"
        raise JobError("ADAPTER_FOREIGN", f"{folder} holds {found}, not adapter_model.safetensors.", "Convert it to PEFT's form.")
    config = read_adapter_config(folder)
    layers: Layers = defaultdict(dict)
    for name, tensor in read_header(weights, "ADAPTER_CORRUPT").items():
        match = NAME.fullmatch(name)
        if match is None:
            message = f"{weights} has a tensor {name}."
            raise JobError("ADAPTER_FOREIGN", message, f"Names in PEFT's form are base_model.model.<layer>.<{' | '.join(KINDS)}>.")
        layers[match["module"]][match["kind"]] = tensor["shape"]
    ranks = None if config.get("rank_pattern") else config.get("r")
    for layer, shapes in layers.items():
        _check_layer(layer, shapes, ranks)
    tensors = load_file(weights)
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            message = f"{name} of the adapter has values that are infinite or not numbers."
            raise JobError("ADAPTER_CORRUPT", message, "Train it again.")
    if not any(tensor.any() for name, tensor in tensors.items() if ".lora_B." in name):
        raise JobError("DEAD_ADAPTER", "Every B matrix of the adapter is zero: it changes nothing.", "Train it again.")
    return layers


def _check_layer(layer: str, shapes: dict[str, tuple[int, ...]], rank: int | None) -> None:
    hint = "Train or fetch the adapter again."
    for kind in ("lora_A.weight", "lora_B.weight"):
        if kind not in shapes:
            raise JobError("ADAPTER_CORRUPT", f"The adapter has {', '.join(shapes)} for {layer}, but no {kind}.", hint)
    for kind, shape in shapes.items():
        if len(shape) != len(KINDS[kind]):
            message = f"{kind} of {layer} has shape {list(shape)}; it should be [{', '.join(KINDS[kind])}]."
            raise JobError("ADAPTER_CORRUPT", message, hint)
    found = (shapes["lora_A.weight"][0], shapes["lora_B.weight"][1])
    if 0 in found:
        raise JobError("ADAPTER_CORRUPT", f"The adapter has rank 0 for {layer}: its matrices hold nothing.", hint)
    if found[0] != found[1] or rank not in (None, found[0]):
        message = f"lora_A of {layer} has rank {found[0]}, lora_B has {found[1]}, and adapter_config.json says {rank}."
        raise JobError("ADAPTER_CORRUPT", message, "Use the adapter's own adapter_config.json.")


def read_adapter_config(folder: Path) -> dict[str, Any]:
    """PEFT's config of a LoRA adapter. Errors: ADAPTER_CORRUPT, ADAPTER_FOREIGN."""
    config = read_config(folder / "adapter_config.json", "ADAPTER_CORRUPT", "ADAPTER_CORRUPT")
    if config.get("peft_type") != "LORA":
        raise JobError("ADAPTER_FOREIGN", f"{folder} is of type {config.get('peft_type')}, not LORA.", "Give a LoRA adapter.")
    return config


def load_adapter(model: PreTrainedModel, folder: Path, trainable: bool = False) -> PeftModel:
    """Base + adapter. Errors: those of `check_adapter`; ADAPTER_MISMATCH if it was made for another base."""
    layers = check_adapter(folder)
    for layer, shapes in layers.items():
        _check_fit(model, layer, shapes)
    try:
        both = PeftModel.from_pretrained(model, str(folder), is_trainable=trainable).eval()
    except (RuntimeError, ValueError, KeyError, TypeError) as cause:
        raise JobError("ADAPTER_CORRUPT", f"{folder} cannot be loaded: {str(cause)[:200]}", "Train or fetch it again.") from cause
    # PEFT initialises tensors that its config names and the file lacks, and ignores those that the config does not name.
    applied = sum(1 for name, _ in both.named_parameters() if ".lora_" in name)
    held = sum(map(len, layers.values()))
    if applied != held:
        message = f"{folder} holds {held} tensors; its adapter_config.json makes {applied} in this base."
        raise JobError("ADAPTER_MISMATCH", message, "Use the adapter's own base and its own config.")
    return both


def _check_fit(model: PreTrainedModel, layer: str, shapes: dict[str, tuple[int, ...]]) -> None:
    hint = "Use the adapter's own base."
    try:
        module = model.get_submodule(layer)
    except AttributeError as cause:
        raise JobError("ADAPTER_MISMATCH", f"The adapter is for a layer {layer}, which the base does not have.", hint) from cause
    if not isinstance(module, torch.nn.Linear):
        raise JobError("ADAPTER_MISMATCH", f"{layer} is a {type(module).__name__} in the base, not a linear layer.", hint)
    widths = {"in": module.in_features, "out": module.out_features}
    for kind, shape in shapes.items():
        for side, found in zip(KINDS[kind], shape, strict=True):
            if widths.get(side, found) != found:
                message = f"{kind} of {layer} is {found} wide; the base's layer has {widths[side]} ({side})."
                raise JobError("ADAPTER_MISMATCH", message, hint)


def refuse_unservable(folder: Path, config: dict[str, Any]) -> None:
    """What llama.cpp cannot apply: it adds two matrices to a weight, with one alpha for all. Errors: ADAPTER_KIND."""
    rslora, patterns = bool(config.get("use_rslora")), [name for name in ("rank_pattern", "alpha_pattern") if config.get(name)]
    if config.get("use_dora"):
        message = f"{folder} is a DoRA adapter (`use_dora`); llama.cpp adds matrices and knows no magnitudes."
        raise JobError("ADAPTER_KIND", message, "Merge it into its base, or train with `adapter: lora` or `rslora`.")
    if "alpha_pattern" in patterns or (rslora and patterns):
        message = f"{folder} scales its layers differently ({', '.join(patterns)}); llama.cpp has one alpha for all."
        raise JobError("ADAPTER_KIND", message, "Merge it into its base.")
    whole = [*(config.get("modules_to_save") or []), *(["biases"] if config.get("bias", "none") != "none" else [])]
    if whole:
        message = f"{folder} replaces whole parts of its base ({', '.join(map(str, whole))}); a modifier only adds to its weights."
        raise JobError("ADAPTER_KIND", message, "Merge it into its base, or train it again without `modules_to_save` and `bias`.")


def as_plain_lora(folder: Path) -> dict[str, Any]:
    """
    The adapter_config.json, if it needs another, that makes the adapter plain LoRA. llama.cpp applies no other: it scales by
    alpha / rank, and rsLoRA's alpha / √rank becomes that by a larger alpha. Errors: ADAPTER_KIND for what has no such form.
    """
    config = read_adapter_config(folder)
    refuse_unservable(folder, config)
    if not config.get("use_rslora"):
        return {}
    alpha = config["lora_alpha"] * math.sqrt(config["r"])
    return {"adapter_config.json": {**config, "use_rslora": False, "lora_alpha": alpha}}
