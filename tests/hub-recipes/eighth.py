"""
Writes a model of a known shape at an eighth of its width, with random weights and a tokenizer of its family.

    PYTHONPATH=engine python tests/hub-recipes/eighth.py SHAPE.json FOLDER

SHAPE.json: `config` as in the model's config.json; `preTokenizer`, llama.cpp's name; `template`; `marks`, control tokens by their role
(`bos` may be left out). Depth, head width, ties and rotary positions stay as they are.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

from cogumi_engine.gguf_tokenizer import PRE_TOKENIZERS

NARROWED = ("hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads")
VOCABULARY = 512


def main(shape: dict[str, Any], folder: Path) -> None:
    tokenizer = make_tokenizer(shape)
    tokenizer.save_pretrained(folder)
    settings = dict(shape["config"])
    kind = settings.pop("model_type")
    for key in NARROWED:
        settings[key] = max(1, settings[key] // 8)
    # Layers that neither shrink nor grow what they read: the logits of smaller weights are nearly equal, and larger ones let rounding
    # grow from layer to layer.
    settings |= {"vocab_size": len(tokenizer), "initializer_range": settings["hidden_size"] ** -0.5}
    settings |= {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, **settings)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(folder, max_shard_size="100MB")


def make_tokenizer(shape: dict[str, Any]) -> PreTrainedTokenizerFast:
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(PRE_TOKENIZERS[shape["preTokenizer"]]())
    core.decoder = decoders.ByteLevel()
    marks = shape["marks"]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(dict.fromkeys([*marks.values(), *shape["moreMarks"]])),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator([__doc__ or "", Path(__file__).read_text("utf-8")], trainer)
    roles = {f"{role}_token": mark for role, mark in marks.items()}
    chat = {"chat_template": shape["template"], "model_max_length": 2048}
    return PreTrainedTokenizerFast(tokenizer_object=core, clean_up_tokenization_spaces=False, **roles, **chat)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2]))
