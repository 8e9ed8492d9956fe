"""Shows each row token by token as training would see it; see `PreviewOptions` in the contracts."""

from collections.abc import Iterator, Sequence
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from cogumi_engine.errors import JobError
from cogumi_engine.files import write_jsonl
from cogumi_engine.job import Job
from cogumi_engine.models import load_tokenizer
from cogumi_engine.options import PreviewOptions
from cogumi_engine.rows import Example, encode, read_rows

# What a decoder writes for bytes that are not a whole character.
BROKEN = "\ufffd"


def run(job: Job[PreviewOptions]) -> dict[str, Any]:
    """Output: `preview.jsonl`. Errors: those of the tokenizer; ROW_INVALID."""
    tokenizer = load_tokenizer(job.input("model"))
    rows = [_preview(tokenizer, row, job.options) for row in read_rows(job.input("rows"))]
    write_jsonl(job.output / "preview.jsonl", rows)
    return {"rows": len(rows), "trainable": sum(row["reason"] is None for row in rows)}


def _preview(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any], options: PreviewOptions) -> dict[str, Any]:
    try:
        example = encode(tokenizer, row, options.prompt_loss_weight)
    # Templates raise errors of their own, and tokenizers others for text without a UTF-8 form: training would stop at each.
    except (JobError, TemplateError, TypeError, ValueError) as error:
        return _line(row, [], f"Training would stop at this row: {str(error)[:300]}")
    special = set(tokenizer.all_special_ids)
    # Nothing predicts the first token.
    trained = [at > 0 and weight > 0 for at, weight in enumerate(example.weights)]
    tokens = [
        {"id": token, "text": text, "trained": learned, "special": token in special}
        for token, text, learned in zip(example.ids, pieces(tokenizer, example.ids), trained, strict=True)
    ]
    return _line(row, tokens, _refusal(example, options.max_row_tokens))


def _line(row: dict[str, Any], tokens: list[dict[str, Any]], reason: str | None) -> dict[str, Any]:
    return {"question_id": row.get("question_id"), "tokens": tokens, "reason": reason}


def _refusal(example: Example, max_tokens: int) -> str | None:
    """Why training leaves a row out or refuses it, checked in the order of `tokens.token_set`."""
    if len(example.ids) > max_tokens:
        return f"The row has {len(example.ids)} tokens; training takes {max_tokens} (`maxRowTokens`) and leaves it out."
    if not any(example.weights[1:]):
        return "The row has no token to learn from: training would refuse the set."
    return None


def pieces(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> Iterator[str]:
    """
    The text that each token adds to the decoded row.

    A token is decoded together with those of the character before it, because some decoders drop a leading space. Tokens of
    an incomplete character add nothing; the one that completes it adds the character.
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


def _decode(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    return str(tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False))
