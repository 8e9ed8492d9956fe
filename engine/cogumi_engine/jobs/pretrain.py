"""A small Llama from nothing; see `PretrainOptions` in the contracts."""

import math
from itertools import islice
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from cogumi_engine.job import Job
from cogumi_engine.loop import Trainer, wants_bf16
from cogumi_engine.rows import load_examples, read_rows
from cogumi_engine.tokenizer import train_tokenizer

# A vocabulary of some thousands settles long before (measured: 20,000 and 100,000 rows gave the same first 1,900 entries).
TOKENIZER_ROWS = 30_000


def run(job: Job) -> dict[str, Any]:
    options = job.options
    tokenizer = _tokenizer(job)
    rows, too_long = load_examples(job, "rows", tokenizer, options["promptLossWeight"])
    validation, _ = load_examples(job, "validation", tokenizer, options["promptLossWeight"])
    if too_long:
        job.warn(f"{too_long} rows are longer than {options['maxRowTokens']} tokens and were left out")
    model = LlamaForCausalLM(_config(options, tokenizer)).to(job.device)
    model.config._attn_implementation = "sdpa"
    trainer = Trainer(job, model, rows, validation, int(tokenizer.pad_token_id), wants_bf16(job))
    facts = trainer.train(options["steps"])
    model.to(torch.bfloat16).save_pretrained(job.output)
    tokenizer.save_pretrained(job.output)
    parameters = sum(value.numel() for value in model.parameters())
    return {
        **facts,
        "rows": len(rows),
        "tooLong": too_long,
        "vocabulary": len(tokenizer),
        "parameters": parameters,
        "architecture": "LlamaForCausalLM",
    }


def _tokenizer(job: Job) -> PreTrainedTokenizerFast:
    path = job.input("rows")
    # Taken from all over the file: its rows may build up.
    every = math.ceil(sum(1 for _ in read_rows(path)) / TOKENIZER_ROWS)
    texts = (
        row["text"] if "text" in row else f"user\n{row['question']}\nassistant\n{row['answer']}\nsystem\n"
        for row in islice(read_rows(path), 0, None, every)
    )
    return train_tokenizer(texts, job.options["vocabularySize"], job.options["contextTokens"])


def _config(options: dict[str, Any], tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=options["vocabularySize"],
        hidden_size=options["hiddenSize"],
        intermediate_size=options["feedForwardSize"],
        num_hidden_layers=options["layers"],
        num_attention_heads=options["heads"],
        num_key_value_heads=options["keyValueHeads"],
        max_position_embeddings=options["contextTokens"],
        rope_parameters={"rope_type": "default", "rope_theta": options["ropeTheta"]},
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.02,
        attn_implementation="sdpa",
    )
