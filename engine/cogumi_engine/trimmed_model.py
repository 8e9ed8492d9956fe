"""The weights of a model with fewer tokens: rows of embedding and head, and the settings that name a token."""

import re
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from cogumi_engine.bpe_vocabulary import Kept
from cogumi_engine.errors import JobError

# Settings that name a token: `eos_token_id`, `image_token_index`.
TOKEN_SETTING = re.compile(r"_token_(id|index)$")


def check_tensors(model: PreTrainedModel) -> None:
    """Errors: MODEL_UNSUPPORTED where more than embedding and head have a row for each token (Gemma 3n)."""
    embedding, head = model.get_input_embeddings(), model.get_output_embeddings()
    rows = embedding.weight.shape[0]
    known = {id(embedding.weight), id(head.weight), id(getattr(head, "bias", None))}
    for name, weight in model.named_parameters():
        if weight.shape[0] == rows and id(weight) not in known and rows != model.config.get_text_config().hidden_size:
            message = f"{name} of {type(model).__name__} has {rows} rows as the embedding has, one for each token."
            raise JobError("MODEL_UNSUPPORTED", message, "Leave `trimVocabulary` out of the recipe.")


def trim_model(model: PreTrainedModel, kept: Kept) -> None:
    """Leaves the rows of the tokens that stay in embedding and head, and renumbers what the settings name."""
    rows = torch.tensor(list(kept.ids))
    places = kept.places()
    embedding, head = model.get_input_embeddings(), model.get_output_embeddings()
    tied = head.weight is embedding.weight
    embedding.weight = nn.Parameter(embedding.weight.detach()[rows])
    embedding.num_embeddings = len(rows)
    embedding.padding_idx = None if embedding.padding_idx is None else places.get(embedding.padding_idx)
    head.weight = embedding.weight if tied else nn.Parameter(head.weight.detach()[rows])
    head.out_features = len(rows)
    if head.bias is not None:
        head.bias = nn.Parameter(head.bias.detach()[rows])
    for config in _configs(model):
        if hasattr(config, "vocab_size"):
            config.vocab_size = len(rows)
        for name, value in _token_settings(config):
            new = [places[number] for number in _numbers(value) if number in places]
            setattr(config, name, new if isinstance(value, list) else next(iter(new), None))


def named_tokens(model: PreTrainedModel) -> list[int]:
    """Ids of the tokens that settings name."""
    return [number for config in _configs(model) for _, value in _token_settings(config) for number in _numbers(value)]


def _configs(model: PreTrainedModel) -> list[Any]:
    text = model.config.get_text_config()
    parts = [model.config, None if text is model.config else text, model.generation_config]
    return [config for config in parts if config is not None]


def _token_settings(config: Any) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in vars(config).items() if TOKEN_SETTING.search(name) and value is not None]


def _numbers(value: Any) -> list[int]:
    return [number for number in (value if isinstance(value, list) else [value]) if isinstance(number, int)]
