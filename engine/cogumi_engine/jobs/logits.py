"""Logits and greedy answers of PyTorch, to compare llama.cpp with; see `LogitsOptions` in the contracts."""

from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from cogumi_engine.errors import JobError
from cogumi_engine.files import write_jsonl
from cogumi_engine.job import Job
from cogumi_engine.models import load_model, load_tokenizer
from cogumi_engine.options import LogitsOptions
from cogumi_engine.proof import logits_of
from cogumi_engine.rows import prompt_text, read_chats, token_ids
from cogumi_engine.stops import stop_ids


def run(job: Job[LogitsOptions]) -> dict[str, Any]:
    """Output: `prompts.jsonl` and `logits.safetensors`. Errors: those of the model; ROWS_EMPTY, NOT_FINITE."""
    folder = job.input("model")
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    ends = stop_ids(tokenizer)
    lines, logits = [], {}
    loss, predicted = 0.0, 0
    for number, row in enumerate(read_chats(job.input("rows"), job.options.prompts)):
        prompt = prompt_text(tokenizer, row)
        ids = token_ids(tokenizer, prompt)
        logits[str(number)] = logits_of(model, ids).contiguous()
        if not logits[str(number)].isfinite().all():
            raise JobError("NOT_FINITE", _where(model), "The weights are broken: fetch or train the model again.")
        following = torch.tensor(ids[1:])
        loss += float(nn.functional.cross_entropy(logits[str(number)][:-1], following, reduction="sum"))
        predicted += len(following)
        greedy = _greedy(model, ids, job.options.greedy_tokens, ends)
        text = tokenizer.decode(greedy, skip_special_tokens=True)
        lines.append({"prompt": prompt, "ids": ids, "greedyIds": greedy, "greedyText": text})
    write_jsonl(job.output / "prompts.jsonl", lines)
    save_file(logits, job.output / "logits.safetensors")
    return {"prompts": len(lines), "loss": loss / predicted, "vocabulary": int(logits["0"].shape[1]), "ends": ends}


def _where(model: nn.Module) -> str:
    for name, weight in model.named_parameters():
        if not weight.isfinite().all():
            return f"{name} holds values that are not finite."
    return "The model's logits are not finite, though its weights are."


def _greedy(model: Any, ids: list[int], count: int, ends: list[int]) -> list[int]:
    """Greedy decoding: at most `count` tokens, up to an end mark."""
    made: list[int] = []
    cache = None
    step = torch.tensor([ids])
    with torch.no_grad():
        for _ in range(count):
            output = model(input_ids=step, past_key_values=cache, use_cache=True)
            cache = output.past_key_values
            token = int(output.logits[0, -1].argmax())
            if token in ends:
                break
            made.append(token)
            step = torch.tensor([[token]])
    return made
