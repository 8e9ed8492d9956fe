"""What training would make of each row, token by token; see `PreviewOptions` in the contracts."""

from collections.abc import Iterator
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from cogumi_engine.errors import JobError
from cogumi_engine.files import write_jsonl
from cogumi_engine.job import Job
from cogumi_engine.models import load_tokenizer
from cogumi_engine.rows import Example, encode, read_rows

# How a decoder writes bytes that are not a whole character.
BROKEN = "\ufffd"


def run(job: Job) -> dict[str, Any]:
    tokenizer = load_tokenizer(job.input("model"))
    rows = [_preview(tokenizer, row, job.options) for row in read_rows(job.input("rows"))]
    write_jsonl(job.output / "preview.jsonl", rows)
    return {"rows": len(rows), "trainable": sum(row["reason"] is None for row in rows)}


def _preview(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    try:
        example = encode(tokenizer, row, options["promptLossWeight"])
    # A template refuses by its own error, a tokenizer what has no UTF-8 form by others: training would stop at any of them.
    except (JobError, TemplateError, TypeError, ValueError) as error:
        return _line(row, [], f"Training would stop at this row: {str(error)[:300]}")
    special = set(tokenizer.all_special_ids)
    # Nothing stands before the first token that it could be predicted from.
    trained = [at > 0 and weight > 0 for at, weight in enumerate(example.weights)]
    tokens = [
        {"id": token, "text": text, "trained": learned, "special": token in special}
        for token, text, learned in zip(example.ids, pieces(tokenizer, example.ids), trained, strict=True)
    ]
    return _line(row, tokens, _refusal(example, options["maxRowTokens"]))


def _line(row: dict[str, Any], tokens: list[dict[str, Any]], reason: str | None) -> dict[str, Any]:
    return {"question_id": row.get("question_id"), "tokens": tokens, "reason": reason}


def _refusal(example: Example, max_tokens: int) -> str | None:
    """In the order in which `load_examples` judges."""
    if len(example.ids) > max_tokens:
        return f"The row has {len(example.ids)} tokens; training takes {max_tokens} (`maxRowTokens`) and leaves it out."
    if not any(example.weights[1:]):
        return "The row has no token to learn from: training would refuse the set."
    return None


def pieces(tokenizer: PreTrainedTokenizerBase, ids: list[int]) -> Iterator[str]:
    """
    What each token adds to the decoded text. A token is decoded with those since the last but one whole character, because
    some decoders drop a space at the start; bytes of an unfinished character add nothing until it is whole.
    """
    before, start = 0, 0
    for at in range(len(ids)):
        known = _decode(tokenizer, ids[before:start])
        text = _decode(tokenizer, ids[before : at + 1])
        if text.endswith(BROKEN) and at + 1 < len(ids):
            yield ""
            continue
        yield text[len(known) :]
        before, start = start, at + 1


def _decode(tokenizer: PreTrainedTokenizerBase, ids: list[int]) -> str:
    return str(tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False))
