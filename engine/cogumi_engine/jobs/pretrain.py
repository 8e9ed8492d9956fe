"""Trains a small Llama from random weights; see `PretrainOptions` in the contracts."""

import math
from itertools import islice
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from cogumi_engine.attention import KERNEL
from cogumi_engine.distributed import connect
from cogumi_engine.job import Job
from cogumi_engine.losses import cross_entropy
from cogumi_engine.models import facts_of
from cogumi_engine.options import PretrainOptions
from cogumi_engine.rows import read_rows
from cogumi_engine.tokenizer import train_tokenizer
from cogumi_engine.training import make_trainer

# A vocabulary of some thousands settles long before (measured: 20,000 and 100,000 rows gave the same first 1,900 entries).
TOKENIZER_ROWS = 30_000


def run(job: Job[PretrainOptions]) -> dict[str, Any]:
    """Output: a Hugging Face folder (bf16) with its tokenizer, and `losses.jsonl`. Errors: those of tokens and trainer."""
    distributed = connect(job.device)
    tokenizer = _tokenizer(job)
    model = LlamaForCausalLM(_config(job.options, tokenizer)).to(job.device)
    # Not `attend_in_f32`, which is faster on a CPU in bf16: it would change the seedling's weights.
    model.set_attn_implementation(KERNEL)
    trainer = make_trainer(job, model, cross_entropy, tokenizer, distributed, prompt_weight=job.options.prompt_loss_weight)
    facts = trainer.train(job.options.steps, job.output / "losses.jsonl")
    if distributed.is_main:
        model.to(torch.bfloat16).save_pretrained(job.output)
        tokenizer.save_pretrained(job.output)
    return {**facts, "vocabulary": len(tokenizer), **facts_of(model)}


def _tokenizer(job: Job[PretrainOptions]) -> PreTrainedTokenizerFast:
    path = job.input("rows")
    # Every n-th row of the whole file: its rows may be a curriculum.
    every = math.ceil(sum(1 for _ in read_rows(path)) / TOKENIZER_ROWS)
    texts = (
        row["text"] if "text" in row else f"user\n{row['question']}\nassistant\n{row['answer']}\nsystem\n"
        for row in islice(read_rows(path), 0, None, every)
    )
    return train_tokenizer(texts, job.options.vocabulary_size, job.options.context_tokens)


def _config(options: PretrainOptions, tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=options.vocabulary_size,
        hidden_size=options.hidden_size,
        intermediate_size=options.feed_forward_size,
        num_hidden_layers=options.layers,
        num_attention_heads=options.heads,
        num_key_value_heads=options.key_value_heads,
        max_position_embeddings=options.context_tokens,
        rope_parameters={"rope_type": "default", "rope_theta": options.rope_theta},
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.02,
    )
