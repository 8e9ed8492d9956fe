"""Reads a folder that `cogumi data --out` wrote as a trainer does, by the trainer's own code, and prints what would be learned.

    python trainer_readers.py TRAINER FOLDER TOKENIZER

TRAINER: `llamafactory`, or `axolotl:JSON` with the entry of `datasets` that the data card gives. TOKENIZER: a folder of transformers with a chat template.
Prints a line `ROWS` with a JSON list of rows: `learned`, the texts that carry loss, and what is read, as `turns` or `text`.
"""

import json
import os
import sys
import types
from unittest import mock


def without(*names: str) -> None:
    """Stands in for packages of pictures and sound, which no row of text needs."""
    for name in names:
        sys.modules.setdefault(
            name, mock.MagicMock(__spec__=mock.MagicMock(), __path__=[])
        )


def read_llamafactory(folder: str, _tokenizer: str) -> list[dict]:
    without("torchaudio", "transformers.models.mllama.processing_mllama")
    from datasets import load_dataset
    from llamafactory.data.converter import align_dataset
    from llamafactory.data.parser import get_dataset_list
    from llamafactory.extras.constants import FILEEXT2TYPE

    [attributes] = get_dataset_list(["train"], folder)
    path = os.path.join(folder, attributes.dataset_name)
    data = load_dataset(
        FILEEXT2TYPE[path.rsplit(".", 1)[1]], data_files=[path], split=attributes.split
    )
    options = types.SimpleNamespace(
        streaming=False,
        preprocessing_num_workers=None,
        overwrite_cache=True,
        media_dir="",
        dataset_dir=folder,
    )
    aligned = align_dataset(
        data, attributes, options, types.SimpleNamespace(local_process_index=0)
    )
    rows = []
    for row in aligned:
        system = [["system", row["_system"]]] if row["_system"] else []
        turns = [
            [turn["role"], turn["content"]]
            for turn in row["_prompt"] + row["_response"]
        ]
        # Its processors learn each answer of a chat.
        learned = [text for role, text in turns if role in ("assistant", "function")]
        rows.append({"turns": system + turns, "learned": learned})
    return rows


def read_axolotl(folder: str, tokenizer: str, settings: dict) -> list[dict]:
    from axolotl.prompt_strategies import chat_template
    from axolotl.prompt_tokenizers import AlpacaPromptTokenizingStrategy
    from axolotl.prompters import AlpacaPrompter
    from axolotl.utils.dict import DictDefault
    from datasets import load_dataset
    from transformers import AutoTokenizer

    reader = AutoTokenizer.from_pretrained(tokenizer)
    config = DictDefault(
        {
            "sequence_len": 100_000,
            "train_on_inputs": False,
            "chat_template": "tokenizer_default",
        }
    )
    path = os.path.join(folder, os.path.basename(settings["path"]))
    data = load_dataset(settings["ds_type"], data_files=[path], split="train")
    # As its `utils/data/wrappers.py` chooses, which itself needs packages for GPUs.
    if settings["type"] == "alpaca":
        strategy = AlpacaPromptTokenizingStrategy(
            AlpacaPrompter(None), reader, False, config.sequence_len
        )
    else:
        strategy = chat_template.load(
            reader,
            config,
            DictDefault({"chat_template": "tokenizer_default", **settings}),
        )
    read = map(strategy.tokenize_prompt, data)
    rows = []
    for row in read:
        spans, last = [], None
        for token, label in zip(row["input_ids"], row["labels"], strict=True):
            if label != -100:
                if last in (None, -100):
                    spans.append([])
                spans[-1].append(token)
            last = label
        learned = [reader.decode(span, skip_special_tokens=True) for span in spans]
        rows.append({"text": reader.decode(row["input_ids"]), "learned": learned})
    return rows


if __name__ == "__main__":
    trainer, folder, tokenizer = sys.argv[1:]
    if trainer == "llamafactory":
        found = read_llamafactory(folder, tokenizer)
    else:
        found = read_axolotl(
            folder, tokenizer, json.loads(trainer.removeprefix("axolotl:"))
        )
    print("\nROWS " + json.dumps(found))
