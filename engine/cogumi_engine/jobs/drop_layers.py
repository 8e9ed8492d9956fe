"""Removes the decoder layers with the least influence; see `DropLayersOptions` in the contracts."""

from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from cogumi_engine.decoder_layers import decoder_layers, keep_layers
from cogumi_engine.errors import JobError
from cogumi_engine.files import write_json
from cogumi_engine.job import Job
from cogumi_engine.models import facts_of, load_model, load_tokenizer, save_model
from cogumi_engine.options import DropLayersOptions
from cogumi_engine.rows import prompt_text, read_chats, token_ids


def run(job: Job[DropLayersOptions]) -> dict[str, Any]:
    """Output: a Hugging Face folder and `influence.json`. Errors: those of the model; ROWS_EMPTY; TOO_FEW_LAYERS."""
    folder = job.input("model")
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    layers = decoder_layers(model, "dropLayers")
    if job.options.layers >= len(layers):
        message = f"The model has {len(layers)} layers; {job.options.layers} cannot be removed from it."
        raise JobError("TOO_FEW_LAYERS", message, f"Set `dropLayers.layers` to at most {len(layers) - 1}.")
    influence = _block_influence(model, tokenizer, layers, job)
    dropped = sorted(sorted(range(len(layers)), key=lambda layer: influence[layer])[: job.options.layers])
    kept = [layer for layer in range(len(layers)) if layer not in dropped]
    keep_layers(model, layers, kept)
    save_model(model, folder, job.output)
    write_json(job.output / "influence.json", {"influence": influence, "dropped": dropped})
    return {"dropped": dropped, "layers": len(kept), **facts_of(load_model(job.output))}


def _block_influence(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, layers: nn.ModuleList, job: Job[DropLayersOptions]
) -> list[float]:
    """
    Block influence of each layer: 1 minus the cosine between its input and its output, averaged over all tokens (Men et al.
    2024, "ShortGPT", arXiv:2403.03853, equation 1). 0: the layer turns no hidden state.
    """
    sums = torch.zeros(len(layers), dtype=torch.float64)
    tokens = 0

    def watch(number: int) -> Any:
        def hook(_module: nn.Module, inputs: tuple[torch.Tensor, ...], output: Any) -> None:
            after = output[0] if isinstance(output, tuple) else output
            turn = 1 - nn.functional.cosine_similarity(inputs[0].float(), after.float(), dim=-1)  # [lines, tokens]
            sums[number] += turn.sum().double()

        return hook

    hooks = [layer.register_forward_hook(watch(number)) for number, layer in enumerate(layers)]
    rows = read_chats(job.input("rows"), job.options.calibration_rows)
    with torch.no_grad():
        for done, row in enumerate(rows, 1):
            ids = token_ids(tokenizer, prompt_text(tokenizer, row) + row["answer"])
            model(input_ids=torch.tensor([ids]), use_cache=False)
            tokens += len(ids)
            job.progress(done, len(rows), "rows")
    for hook in hooks:
        hook.remove()
    return [float(total) / tokens for total in sums]
