"""A vector a question; see `EmbedOptions` in the contracts."""

from typing import Any

import torch
from safetensors.torch import save_file

from cogumi_engine.batches import batches_by_length, pad
from cogumi_engine.files import write_json
from cogumi_engine.job import Job
from cogumi_engine.models import load_model, load_tokenizer
from cogumi_engine.rows import Example, prompt_text, read_chats


def run(job: Job) -> dict[str, Any]:
    folder = job.input("model")
    model, tokenizer = load_model(folder, job.device), load_tokenizer(folder)
    rows = read_chats(job.input("rows"))
    most = job.options["maxRowTokens"]
    whole = [tokenizer.encode(prompt_text(tokenizer, row), add_special_tokens=False) for row in rows]
    ids = [tokens[:most] for tokens in whole]
    examples = [Example(tokens, [1.0] * len(tokens)) for tokens in ids]
    vectors = torch.zeros(len(rows), model.config.get_text_config().hidden_size)
    for members in batches_by_length([len(tokens) for tokens in ids], job.options["batchTokens"]):
        batch = pad([examples[member] for member in members], int(tokenizer.pad_token_id or 0)).to(job.device)
        with torch.no_grad():
            hidden = model.get_decoder()(input_ids=batch.ids, use_cache=False).last_hidden_state
        weights = batch.weights[:, :, None]
        vectors[members] = ((hidden * weights).sum(1) / weights.sum(1)).cpu()
    save_file({"embeddings": vectors}, job.output / "embeddings.safetensors")
    write_json(job.output / "ids.json", [row["question_id"] for row in rows])
    return {"rows": len(rows), "cut": sum(len(tokens) > most for tokens in whole), "width": vectors.shape[1]}
