"""The decoder layers of a model, and the model with some of them."""

from torch import nn
from transformers import PreTrainedModel

from cogumi_engine.errors import JobError


def decoder_layers(model: PreTrainedModel, option: str) -> nn.ModuleList:
    """Errors: MODEL_UNSUPPORTED, with the option of a recipe that asks for it."""
    layers = getattr(model.get_decoder(), "layers", None)
    if not isinstance(layers, nn.ModuleList):
        message = f"{type(model).__name__} has no list of decoder layers."
        raise JobError("MODEL_UNSUPPORTED", message, f"Leave `{option}` out of the recipe.")
    return layers


def keep_layers(model: PreTrainedModel, layers: nn.ModuleList, kept: list[int]) -> None:
    """Keeps these layers in the model and in every setting of its config that has one value per layer."""
    decoder, count = model.get_decoder(), len(layers)
    decoder.layers = nn.ModuleList(layers[layer] for layer in kept)
    # A model that also sees images has one config per part; the layers are those of its text part.
    config = model.config.get_text_config()
    config.num_hidden_layers = len(kept)
    for name, value in config.to_dict().items():
        if isinstance(value, list) and len(value) == count:
            setattr(config, name, [value[layer] for layer in kept])
