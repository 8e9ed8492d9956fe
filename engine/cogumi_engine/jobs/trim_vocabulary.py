"""Removes the tokens that the rows do not need; see `TrimVocabularyOptions` in the contracts."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from cogumi_engine.bits_per_byte import bits_per_byte, error_of_ratio
from cogumi_engine.bpe_vocabulary import Kept
from cogumi_engine.embedding_tuning import round_tables, taken_over, tune_embeddings
from cogumi_engine.errors import JobError
from cogumi_engine.files import write_json
from cogumi_engine.job import Job
from cogumi_engine.models import facts_of, load_model, load_tokenizer, stored_type
from cogumi_engine.options import TrimVocabularyOptions
from cogumi_engine.passages import Passage
from cogumi_engine.proof import logits_of
from cogumi_engine.rows import read_rows, token_ids
from cogumi_engine.trimmed_model import check_tensors, named_tokens, trim_model
from cogumi_engine.trimmed_tokenizer import TrimmedTokenizer
from cogumi_engine.vocabulary_curve import Counts, Curve
from cogumi_engine.vocabulary_size import choose_tokens

# Texts that are tokenized with both vocabularies, and tokens of one (chosen: logits of 512 positions, 262,144 wide, take 0.5 GB).
PROOF_TEXTS, MOST_TOKENS = 1000, 512


def run(job: Job[TrimVocabularyOptions]) -> dict[str, Any]:
    """
    Output: a Hugging Face folder, `curve.json`, `kept.json`, `losses.jsonl`. Errors: those of model, tokenizer and tokens;
    VOCABULARY_TOO_SMALL, ROWS_EMPTY.
    """
    folder = job.input("model")
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    trimmer = TrimmedTokenizer(tokenizer, folder, model.get_input_embeddings().weight.shape[0])
    check_tensors(model)

    counted = Counts.of(_ids_by_source(tokenizer, job))
    passages = ((source, _beginning(tokenizer, whole)) for source, whole in _passages(tokenizer, job.input("heldOut"), PROOF_TEXTS))
    held_out = [(source, passage) for source, passage in passages if passage.bytes() > 0]
    if not held_out:
        message = f"{job.input('heldOut')} holds no text to measure."
        raise JobError("ROWS_EMPTY", message, "Hold out more rows: `mix.validationShare`.")
    measured = Counts.of((source, token_ids(tokenizer, passage.text)) for source, passage in held_out)
    curve = Curve.of(trimmer.vocabulary, trimmer.needed(named_tokens(model)), counted, measured)

    proof = [passage for _, passage in held_out[: job.options.proof_rows]]
    before = [bits_per_byte(model, tokenizer.backend_tokenizer, passage) for passage in proof]
    choice = choose_tokens(curve, job.options, model, trimmer.vocabulary, proof, sum(before) / len(proof))
    kept, places = choice.kept, choice.kept.places()
    probe = _probe(tokenizer, held_out, kept)
    wanted = _logits(model, probe, kept.ids)
    trim_model(model, kept)
    model.to(stored_type(folder)).save_pretrained(job.output)
    trimmer.write(kept, job.output)
    write_json(job.output / "curve.json", curve.points)
    write_json(job.output / "kept.json", list(kept.ids))
    del model

    # From the disk, so that a folder that does not load fails here.
    read, trimmed = load_model(job.output), load_tokenizer(job.output)
    error = _error(wanted, _logits(read, [[places[number] for number in ids] for ids in probe], range(len(kept.ids))))
    untuned = [bits_per_byte(read, trimmed.backend_tokenizer, passage) for passage in proof]
    split = taken_over(counted.all, Counts.of(_ids_by_source(trimmed, job)).all, places)
    after, learned = _tune(job, read, trimmed, split, proof, untuned)
    return {
        "vocabulary": len(kept.ids),
        "vocabularyBefore": len(trimmer.vocabulary.pieces),
        "coverage": measured.share(set(kept.ids)),
        "sources": {source: Counts({source: counts}).share(set(kept.ids)) for source, counts in sorted(measured.sources.items())},
        "heldOutTokens": measured.total,
        "tried": choice.tried,
        "proofTexts": len(proof),
        "logitError": error,
        **facts_of(read),
        "bitsPerByteBefore": sum(before) / len(proof),
        "bitsPerByteTrimmed": sum(untuned) / len(proof),
        "bitsPerByte": sum(after) / len(proof),
        "bitsError": error_of_ratio(before, after),
        **learned,
        **_compare_tokens(tokenizer, trimmed, [passage.text for _, passage in held_out], places),
    }


def _tune(
    job: Job[TrimVocabularyOptions],
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    tokens: set[int],
    proof: list[Passage],
    untuned: list[float],
) -> tuple[list[float], dict[str, Any]]:
    """Trains the embeddings of `tokens` and writes the model again where the texts take fewer bits; answers their bits."""
    kept = {"tuned": False, "tunedTokens": 0}
    if job.options.tune_steps == 0 or not tokens:
        return untuned, kept
    try:
        tune_embeddings(job, model, tokenizer, tokens)
    except JobError as failure:
        if failure.code != "DIVERGED":
            raise
        job.warn(f"The tuning of the embeddings is not kept: {failure.message} {failure.hint}")
        return untuned, kept
    stored = stored_type(job.output)
    # Measured as it is written.
    round_tables(model, stored)
    tuned = [bits_per_byte(model, tokenizer.backend_tokenizer, passage) for passage in proof]
    if sum(tuned) >= sum(untuned):
        return untuned, kept
    model.to(stored).save_pretrained(job.output)
    return tuned, {"tuned": True, "tunedTokens": len(tokens)}


def _passages(tokenizer: PreTrainedTokenizerBase, path: Path, most: int) -> Iterator[tuple[str, Passage]]:
    """Source and text of the first rows."""
    for row in islice(read_rows(path), most):
        yield str(row.get("domain") or row.get("source") or "rows"), Passage.of(tokenizer, row)


def _beginning(tokenizer: PreTrainedTokenizerBase, passage: Passage) -> Passage:
    """A long text up to where its first tokens end, so that both vocabularies read the same."""
    ids = token_ids(tokenizer, passage.text[: 16 * MOST_TOKENS])
    return passage if len(ids) <= MOST_TOKENS else passage.beginning(len(str(tokenizer.decode(ids[:MOST_TOKENS]))))


def _ids_by_source(tokenizer: PreTrainedTokenizerBase, job: Job[TrimVocabularyOptions]) -> Iterator[tuple[str, list[int]]]:
    """Tokens of the rows that are counted."""
    most = job.options.rows
    for number, (source, passage) in enumerate(_passages(tokenizer, job.input("rows"), most), 1):
        yield source, token_ids(tokenizer, passage.text)
        if number % 256 == 0:
            job.progress(number, most, "rows")


def _compare_tokens(
    before: PreTrainedTokenizerBase, after: PreTrainedTokenizerBase, texts: list[str], places: dict[int, int]
) -> dict[str, int]:
    """How many texts come back from the new tokens, and how many of those whose tokens all stayed have the same ones."""
    found = Counter[str]()
    for text in texts:
        old, new = token_ids(before, text), token_ids(after, text)
        found["texts"] += 1
        found["roundTrips"] += after.decode(new) == before.decode(old)
        if all(number in places for number in old):
            found["keptTexts"] += 1
            found["sameTokens"] += new == [places[number] for number in old]
    return {name: found[name] for name in ("texts", "roundTrips", "keptTexts", "sameTokens")}


def _probe(tokenizer: PreTrainedTokenizerBase, texts: list[tuple[str, Passage]], kept: Kept) -> list[list[int]]:
    """Beginnings of texts, in old ids, of tokens that stay."""
    held, stay = [], set(kept.ids)
    for _, passage in texts[:8]:
        ids = [number for number in token_ids(tokenizer, passage.text)[:64] if number in stay]
        if ids:
            held.append(ids)
    return held


def _logits(model: PreTrainedModel, probe: list[list[int]], tokens: Any) -> list[torch.Tensor]:
    """Logits [ids, tokens] of each probe for these tokens alone."""
    columns = torch.tensor(list(tokens))
    return [logits_of(model, ids)[:, columns] for ids in probe]


def _error(wanted: list[torch.Tensor], found: list[torch.Tensor]) -> float:
    """Largest distance of a logit from what it was, as a share of the largest logit."""
    largest = max((float(one.abs().max()) for one in wanted), default=1.0)
    distance = max((float((one - other).abs().max()) for one, other in zip(wanted, found, strict=True)), default=0.0)
    return distance / largest if largest > 0 else distance
