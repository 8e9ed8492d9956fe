"""Loss of given answers; see `EvaluateOptions` in the contracts."""

from typing import Any

import torch

from cogumi_engine.batches import batches_by_length, pad
from cogumi_engine.files import write_jsonl
from cogumi_engine.job import Job
from cogumi_engine.loop import token_losses
from cogumi_engine.models import load_adapter, load_model, load_tokenizer
from cogumi_engine.rows import encode, read_chats


def run(job: Job) -> dict[str, Any]:
    options = job.options
    folder = job.input("model")
    model, tokenizer = load_model(folder, job.device), load_tokenizer(folder)
    if "adapter" in job.inputs:
        model = load_adapter(model, job.input("adapter")).get_base_model()
    rows = read_chats(job.input("rows"))
    # A weight of 2 marks the prompt, earlier answers included: both parts are measured, apart.
    examples = [encode(tokenizer, row, 2.0, last_only=True) for row in rows]
    results: dict[int, dict[str, Any]] = {}
    fitting = [at for at, example in enumerate(examples) if len(example.ids) <= options["maxRowTokens"]]
    for members in batches_by_length([len(examples[at].ids) for at in fitting], options["batchTokens"]):
        numbers = [fitting[member] for member in members]
        batch = pad([examples[number] for number in numbers], int(tokenizer.pad_token_id or 0)).to(job.device)
        with torch.no_grad():
            losses = token_losses(model, batch)
        weights = batch.weights[:, 1:]
        flat = torch.zeros_like(weights)
        flat[weights > 0] = losses
        for number, loss, weight in zip(numbers, flat, weights, strict=True):
            results[number] = _result(rows[number], loss, weight)
    write_jsonl(job.output / "losses.jsonl", [results[at] for at in sorted(results)])
    total = sum(result["answerTokens"] for result in results.values())
    mean = sum((result["answerLoss"] or 0) * result["answerTokens"] for result in results.values()) / max(1, total)
    return {"rows": len(results), "tooLong": len(rows) - len(results), "meanAnswerLoss": mean}


def _result(row: dict[str, Any], loss: torch.Tensor, weight: torch.Tensor) -> dict[str, Any]:
    answer, prompt = loss[weight == 1.0], loss[weight == 2.0]
    return {
        "question_id": row.get("question_id"),
        "answerTokens": answer.numel(),
        "answerLoss": round(float(answer.mean()), 6) if answer.numel() else None,
        "promptTokens": prompt.numel(),
        "promptLoss": round(float(prompt.mean()), 6) if prompt.numel() else None,
    }
