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

# Prompts that are continued side by side: all weights are read once a token for all of them (chosen: their caches stay small).
SIDE_BY_SIDE = 8


def run(job: Job[LogitsOptions]) -> dict[str, Any]:
    """Output: `prompts.jsonl` and `logits.safetensors`. Errors: those of the model; ROWS_EMPTY, NOT_FINITE."""
    folder = job.input("model")
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    ends = stop_ids(tokenizer)
    lines: list[dict[str, Any]] = []
    logits = {}
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
        lines.append({"prompt": prompt, "ids": ids})
    for part in range(0, len(lines), SIDE_BY_SIDE):
        together = lines[part : part + SIDE_BY_SIDE]
        answers = _greedy(model, [line["ids"] for line in together], job.options.greedy_tokens, ends)
        for line, greedy in zip(together, answers, strict=True):
            line |= {"greedyIds": greedy, "greedyText": tokenizer.decode(greedy, skip_special_tokens=True)}
    write_jsonl(job.output / "prompts.jsonl", lines)
    save_file(logits, job.output / "logits.safetensors")
    return {"prompts": len(lines), "loss": loss / predicted, "vocabulary": int(logits["0"].shape[1]), "ends": ends}


def _where(model: nn.Module) -> str:
    for name, weight in model.named_parameters():
        if not weight.isfinite().all():
            return f"{name} holds values that are not finite."
    return "The model's logits are not finite, though its weights are."


def _greedy(model: Any, prompts: list[list[int]], count: int, ends: list[int]) -> list[list[int]]:
    """Greedy decoding of prompts, padded on the left, side by side: of each at most `count` tokens, up to an end mark."""
    longest = max(len(ids) for ids in prompts)
    step = torch.tensor([[0] * (longest - len(ids)) + ids for ids in prompts])
    mask = torch.tensor([[0] * (longest - len(ids)) + [1] * len(ids) for ids in prompts])
    made: list[list[int]] = [[] for _ in prompts]
    unfinished = set(range(len(prompts)))
    cache = None
    with torch.no_grad():
        for _ in range(count):
            positions = (mask.cumsum(-1) - 1).clamp(min=0)[:, -step.shape[1] :]
            output = model(
                input_ids=step,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
            cache = output.past_key_values
            step = output.logits[:, -1].argmax(-1, keepdim=True)
            mask = torch.cat([mask, torch.ones_like(step)], dim=1)
            for at, token in enumerate(step[:, 0].tolist()):
                if token in ends:
                    unfinished.discard(at)
                elif at in unfinished:
                    made[at].append(token)
            if not unfinished:
                break
    return made
