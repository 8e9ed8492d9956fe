"""
Small models of every family that a build takes, with the traits that go wrong elsewhere: each learned to answer `chat_row`.

    PYTHONPATH=engine python engine/tests/families.py NAME FOLDER      writes the model to FOLDER and rows.jsonl beside it
"""

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from conftest import chat_row, write_rows
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedTokenizerFast

from cogumi_engine.gguf_tokenizer import PRE_TOKENIZERS, Vocabulary, write_tokenizer
from cogumi_engine.models import load_tokenizer
from cogumi_engine.rows import encode

# Small enough to train in seconds; four heads on two, so that a wrong order of heads shows.
SHAPE: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "initializer_range": 0.1,
}
ROWS = 440

# Formats of the families, by their documentation; `refuse` is how a template says that it knows no system role.
REFUSE = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
LLAMA_3 = (
    "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}"
    "{{ message['content'] | trim + '<|eot_id|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
# Llama 2 and Mistral: the system's text stands inside the first question.
INSTRUCT = (
    "{% set first = '' %}{% if messages[0]['role'] == 'system' %}{% set first = '<<SYS>>\n' + messages[0]['content'] + '\n<</SYS>>\n\n' %}"
    "{% set messages = messages[1:] %}{% endif %}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ bos_token + '[INST] ' + (first if loop.first else '') + message['content'] | trim + ' [/INST]' }}{% else %}"
    "{{ ' ' + message['content'] | trim + ' ' + eos_token }}{% endif %}{% endfor %}"
)
GEMMA = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else message['role']) + '\n' }}"
    "{{ message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
PHI_3 = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>\n' + message['content'] + '<|end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"
)


@dataclass(frozen=True)
class Family:
    """`config` over `SHAPE`; `marks`: control tokens, `ends` of them end an answer, the tokenizer's own end mark first."""

    kind: str
    config: dict[str, Any]
    template: str
    marks: tuple[str, ...]
    ends: tuple[str, ...]
    # llama.cpp's name of a byte-level pre-tokenizer; None: SentencePiece.
    pre: str | None = None
    bos: str | None = None
    shards: bool = False
    # Marks that take the spaces behind them away.
    strips: tuple[str, ...] = ()
    # What a new model still needs.
    finish: Callable[[Any], Any] = field(default=lambda _model: None)


LLAMA_3_MARKS = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
CHATML_MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
GEMMA_MARKS = ("<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>")
GEMMA_CONFIG = {"head_dim": 32, "query_pre_attn_scalar": 32, "hidden_activation": "gelu_pytorch_tanh", "sliding_window": 24}
LLAMA_3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 10000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}

FAMILIES: dict[str, Family] = {
    "llama-2": Family(
        "llama", {"tie_word_embeddings": False, "num_key_value_heads": 4}, INSTRUCT, ("<s>", "</s>"), ("</s>",), bos="<s>"
    ),
    "llama-3": Family(
        "llama",
        {"tie_word_embeddings": True, "rope_parameters": LLAMA_3_ROPE},
        *(LLAMA_3, LLAMA_3_MARKS, ("<|end_of_text|>", "<|eot_id|>"), "llama-bpe", "<|begin_of_text|>"),
    ),
    # As Llama's successors of others have them.
    "llama-biased": Family(
        "llama",
        {"tie_word_embeddings": False, "attention_bias": True, "mlp_bias": True, "head_dim": 32},
        *(CHATML, CHATML_MARKS, ("<|im_end|>",), "llama-bpe"),
        finish=lambda model: [
            torch.nn.init.normal_(value, std=0.3) for name, value in model.named_parameters() if name.endswith("bias")
        ],
    ),
    "smollm2": Family("llama", {"tie_word_embeddings": True}, CHATML, CHATML_MARKS, ("<|im_end|>",), "smollm"),
    "smollm3": Family(
        "smollm3",
        {"tie_word_embeddings": True, "num_hidden_layers": 5, "use_sliding_window": False},
        *(CHATML, CHATML_MARKS, ("<|im_end|>",), "llama-bpe"),
    ),
    # With biases, its head is not the embedding, and in several files.
    "qwen2": Family(
        "qwen2", {"tie_word_embeddings": False}, CHATML, CHATML_MARKS, ("<|im_end|>", "<|endoftext|>"), "qwen2", shards=True
    ),
    "qwen2.5": Family("qwen2", {"tie_word_embeddings": True}, CHATML, CHATML_MARKS, ("<|im_end|>", "<|endoftext|>"), "qwen2"),
    "qwen3": Family(
        "qwen3", {"tie_word_embeddings": True, "head_dim": 32}, CHATML, CHATML_MARKS, ("<|im_end|>", "<|endoftext|>"), "qwen2"
    ),
    "gemma-2": Family(
        "gemma2",
        {**GEMMA_CONFIG, "attn_logit_softcapping": 5.0, "final_logit_softcapping": 15.0},
        *(REFUSE + GEMMA, GEMMA_MARKS, ("<eos>", "<end_of_turn>")),
        bos="<bos>",
    ),
    # Seven layers: five of a sliding window, one without, one more.
    "gemma-3": Family(
        "gemma3_text",
        {**GEMMA_CONFIG, "num_hidden_layers": 7},
        *(REFUSE + GEMMA, GEMMA_MARKS, ("<eos>", "<end_of_turn>")),
        bos="<bos>",
    ),
    # Layers without a window stretch positions, as in the sizes from 4 B on.
    "gemma-3-linear": Family(
        "gemma3_text",
        {
            **GEMMA_CONFIG,
            "num_hidden_layers": 6,
            "rope_parameters": {
                "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
            },
        },
        *(GEMMA, GEMMA_MARKS, ("<eos>", "<end_of_turn>")),
        bos="<bos>",
    ),
    "mistral": Family(
        "mistral",
        {"tie_word_embeddings": False, "sliding_window": None, "head_dim": 32},
        *(INSTRUCT, ("<s>", "</s>"), ("</s>",)),
        bos="<s>",
    ),
    "phi-3": Family(
        "phi3",
        {"tie_word_embeddings": False, "sliding_window": 128, "original_max_position_embeddings": 512},
        PHI_3,
        ("<s>", "</s>", "<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"),
        ("<|endoftext|>", "<|end|>"),
        bos="<s>",
        strips=("</s>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"),
    ),
}


def make_family(name: str, folder: Path, steps: int = 100) -> None:
    """Writes the folder of a model that answers `chat_row` after `steps` of training; equal names give equal files."""
    family = FAMILIES[name]
    folder.mkdir(parents=True, exist_ok=True)
    (_byte_level if family.pre else _sentencepiece)(family, folder)
    (folder / "chat_template.jinja").write_text(family.template, "utf-8")
    tokenizer = load_tokenizer(folder)
    ends = [tokenizer.convert_tokens_to_ids(mark) for mark in family.ends]
    words = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": ends if len(ends) > 1 else ends[0]}
    config = AutoConfig.for_model(family.kind, **{**SHAPE, "vocab_size": len(tokenizer), **words, **family.config})
    config.pad_token_id = tokenizer.pad_token_id
    # Two threads of a model this small wait for each other, for minutes on a busy machine.
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager", dtype=torch.float32)
    family.finish(model)
    _train(model, tokenizer, steps)
    model.generation_config.eos_token_id = words["eos_token_id"]
    model.to(torch.bfloat16).save_pretrained(folder, max_shard_size="100KB" if family.shards else "1GB")


def _train(model: Any, tokenizer: Any, steps: int) -> None:
    rows = [list(encode(tokenizer, chat_row(number), 1.0).ids) for number in range(ROWS)]
    width = max(map(len, rows))
    padding = tokenizer.pad_token_id
    ids = torch.tensor([row + [padding] * (width - len(row)) for row in rows])
    targets = torch.tensor([row + [-100] * (width - len(row)) for row in rows])
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    model.train()
    for _ in range(steps):
        chosen = torch.randint(len(rows), (12,))
        loss = model(input_ids=ids[chosen], attention_mask=(targets[chosen] >= 0).long(), labels=targets[chosen]).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    model.eval()


def _texts() -> list[str]:
    rows = map(chat_row, range(ROWS))
    return [f"system\nYou help.\nuser\n{row['question']}\nassistant\n{row['answer']}\nmodel\n" for row in rows]


def _byte_level(family: Family, folder: Path) -> None:
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(PRE_TOKENIZERS[str(family.pre)]())
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    core.train_from_iterator(_texts(), trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False))
    core.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in family.marks])
    marks = {"eos_token": family.ends[0], "pad_token": family.marks[0], "bos_token": family.bos}
    PreTrainedTokenizerFast(tokenizer_object=core, clean_up_tokenization_spaces=False, **marks).save_pretrained(folder)


def _sentencepiece(family: Family, folder: Path) -> None:
    """Pieces of a trained SentencePiece model, in the files that a GGUF's tokenizer becomes too."""
    with tempfile.TemporaryDirectory() as work:
        SentencePieceTrainer.train(
            sentence_iterator=iter(_texts()),
            model_prefix=f"{work}/model",
            model_type="bpe",
            vocab_size=420,
            byte_fallback=True,
            hard_vocab_limit=False,
            normalization_rule_name="identity",
            remove_extra_whitespaces=False,
            num_threads=1,
            minloglevel=2,
        )
        trained = SentencePieceProcessor(model_file=f"{work}/model.model")
    count = trained.get_piece_size()
    # The trainer's own marks are <unk>, <s> and </s>.
    kept = [number for number in range(count) if not trained.is_control(number)]
    pieces = [trained.id_to_piece(number) for number in kept] + list(family.marks)
    kinds = [2 if trained.is_unknown(number) else 6 if trained.is_byte(number) else 1 for number in kept]
    scores = [trained.get_score(number) for number in kept]
    roles = {"bos": family.bos, "eos": family.ends[0], "padding": family.marks[0], "unknown": "<unk>"}
    fields = {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": pieces,
        "tokenizer.ggml.token_type": kinds + [3] * len(family.marks),
        "tokenizer.ggml.scores": scores + [0.0] * len(family.marks),
        "tokenizer.ggml.add_space_prefix": not family.kind.startswith("gemma"),
        **{f"tokenizer.ggml.{role}_token_id": pieces.index(mark) for role, mark in roles.items() if mark is not None},
    }
    write_tokenizer(Vocabulary(fields.get), folder)
    path = folder / "tokenizer.json"
    core = json.loads(path.read_text("utf-8"))
    for token in core["added_tokens"]:
        token["rstrip"] = token["content"] in family.strips
    path.write_text(json.dumps(core), "utf-8")


if __name__ == "__main__":
    name, target = sys.argv[1], Path(sys.argv[2])
    make_family(name, target)
    write_rows(target.parent / "rows.jsonl", [chat_row(number) for number in range(ROWS)])
    print(json.dumps({"preTokenizer": FAMILIES[name].pre, "ends": FAMILIES[name].ends}))
