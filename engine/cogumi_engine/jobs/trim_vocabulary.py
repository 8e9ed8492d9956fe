"""Removes the tokens that the rows do not need; see `TrimVocabularyOptions` in the contracts."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from cogumi_engine import converter
from cogumi_engine.bpe_vocabulary import BpeVocabulary, Kept, trim_protobuf, untouched_pieces
from cogumi_engine.errors import JobError
from cogumi_engine.files import write_json
from cogumi_engine.job import Job
from cogumi_engine.models import MARK, load_model, load_tokenizer, read_config, stored_type
from cogumi_engine.options import TrimVocabularyOptions
from cogumi_engine.pre_tokenizer import read_pre_tokenizer, write_pre_tokenizer
from cogumi_engine.rows import prompt_text, read_rows
from cogumi_engine.stops import stop_ids
from cogumi_engine.vocabulary_curve import Counts, Curve

# Texts that are tokenized with both vocabularies, and tokens of one (chosen: logits of 512 positions, 262,144 wide, take 0.5 GB).
PROOF_TEXTS, MOST_TOKENS = 1000, 512
# Settings that name a token: `eos_token_id`, `image_token_index`.
TOKEN_SETTING = re.compile(r"_token_(id|index)$")


def run(job: Job[TrimVocabularyOptions]) -> dict[str, Any]:
    """Output: a Hugging Face folder, `curve.json`, `kept.json`. Errors: those of model and tokenizer; VOCABULARY_TOO_SMALL."""
    folder = job.input("model")
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    vocabulary = BpeVocabulary(tokenizer.backend_tokenizer.to_str(), model.get_input_embeddings().weight.shape[0])
    _check_tensors(model)

    counted = Counts.of(_ids_by_source(tokenizer, job.input("rows"), job.options.rows, job))
    held_out = [(source, _beginning(tokenizer, text)) for source, text in _texts(tokenizer, job.input("heldOut"), PROOF_TEXTS)]
    if not any(text for _, text in held_out):
        raise JobError(
            "ROWS_EMPTY", f"{job.input('heldOut')} holds no text to measure.", "Hold out more rows: `mix.validationShare`."
        )
    measured = Counts.of((source, _ids(tokenizer, text)) for source, text in held_out)
    needed = vocabulary.closed(_needed(vocabulary, model, tokenizer, folder))
    curve = Curve.of(vocabulary, needed, counted, measured)
    kept = _choose(curve, needed, job.options)

    proof = [text for _, text in held_out[: job.options.proof_rows] if text]
    before = [_bits_per_byte(model, tokenizer, text) for text in proof]
    probe = _probe(tokenizer, held_out, kept)
    wanted = _logits(model, probe, kept.ids)
    trim_model(model, kept)
    model.to(stored_type(folder)).save_pretrained(job.output)
    _write_tokenizer(tokenizer, vocabulary, kept, folder, job.output)
    write_json(job.output / "curve.json", curve.points)
    write_json(job.output / "kept.json", list(kept.ids))
    del model

    # From the disk, so that a folder that does not load fails here.
    read, trimmed = load_model(job.output), load_tokenizer(job.output)
    places = kept.places()
    error = _error(wanted, _logits(read, [[places[number] for number in ids] for ids in probe], range(len(kept.ids))))
    after = [_bits_per_byte(read, trimmed, text) for text in proof]
    return {
        "vocabulary": len(kept.ids),
        "vocabularyBefore": len(vocabulary.pieces),
        "coverage": measured.share(set(kept.ids)),
        "heldOutTokens": measured.total,
        "proofTexts": len(before),
        "logitError": error,
        "parameters": sum(value.numel() for value in read.parameters()),
        "architecture": type(read).__name__,
        **_compare_bytes(before, after),
        **_compare_tokens(tokenizer, trimmed, [text for _, text in held_out], places),
    }


def _texts(tokenizer: PreTrainedTokenizerBase, path: Path, most: int) -> Iterator[tuple[str, str]]:
    """Source and text of the first rows; a chat as its template writes it, the answer last."""
    for number, row in enumerate(read_rows(path)):
        if number == most:
            return
        source = str(row.get("domain") or row.get("source") or "rows")
        yield source, row["text"] if "text" in row else prompt_text(tokenizer, row) + row["answer"]


def _beginning(tokenizer: PreTrainedTokenizerBase, text: str) -> str:
    """A long text up to where its first tokens end, so that both vocabularies read the same."""
    ids = tokenizer(text[: 16 * MOST_TOKENS], add_special_tokens=False, verbose=False)["input_ids"]
    return text if len(ids) <= MOST_TOKENS else str(tokenizer.decode(ids[:MOST_TOKENS]))


def _ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


def _ids_by_source(tokenizer: PreTrainedTokenizerBase, path: Path, most: int, job: Job[Any]) -> Iterator[tuple[str, list[int]]]:
    for number, (source, text) in enumerate(_texts(tokenizer, path, most), 1):
        yield source, tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        if number % 256 == 0:
            job.progress(number, most, "rows")


def _needed(vocabulary: BpeVocabulary, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> set[int]:
    """Tokens that stay whatever the rows hold: bytes, control tokens, and what template and settings name."""
    marks = [*MARK.findall(str(tokenizer.chat_template)), *map(str, tokenizer.all_special_tokens)]
    named = {number for config in _configs(model) for _, value in _token_settings(config) for number in _numbers(value)}
    protobuf = folder / "tokenizer.model"
    untouched = untouched_pieces(protobuf.read_bytes()) if protobuf.exists() else set()
    template = _ids(tokenizer, str(tokenizer.chat_template))
    found = vocabulary.indispensable(marks) | named | untouched | set(stop_ids(tokenizer)) | set(template)
    return {number for number in found if number in vocabulary.pieces}


def _choose(curve: Curve, needed: set[int], options: TrimVocabularyOptions) -> Kept:
    """Errors: VOCABULARY_TOO_SMALL."""
    if options.size is None:
        return Kept(sorted(curve.at_coverage(options.coverage)))
    if options.size < len(needed):
        message = f"`trimVocabulary.size` is {options.size}; bytes, control tokens and the chat template alone need {len(needed)}."
        raise JobError("VOCABULARY_TOO_SMALL", message, "Raise it, or leave it out: the size is then chosen by coverage.")
    return Kept(sorted(curve.at_size(options.size)))


def _check_tensors(model: PreTrainedModel) -> None:
    """Errors: MODEL_UNSUPPORTED where more than embedding and head have a row for each token (Gemma 3n)."""
    embedding, head = model.get_input_embeddings(), model.get_output_embeddings()
    rows = embedding.weight.shape[0]
    known = {id(embedding.weight), id(head.weight), id(getattr(head, "bias", None))}
    for name, weight in model.named_parameters():
        if weight.shape[0] == rows and id(weight) not in known and rows != model.config.get_text_config().hidden_size:
            message = f"{name} of {type(model).__name__} has {rows} rows as the embedding has, one for each token."
            raise JobError("MODEL_UNSUPPORTED", message, "Leave `trimVocabulary` out of the recipe.")


def trim_model(model: PreTrainedModel, kept: Kept) -> None:
    """Leaves the rows of the tokens that stay in embedding and head, and renumbers what the settings name."""
    rows = torch.tensor(list(kept.ids))
    places = kept.places()
    embedding, head = model.get_input_embeddings(), model.get_output_embeddings()
    tied = head.weight is embedding.weight
    embedding.weight = nn.Parameter(embedding.weight.detach()[rows])
    embedding.num_embeddings = len(rows)
    embedding.padding_idx = None if embedding.padding_idx is None else places.get(embedding.padding_idx)
    head.weight = embedding.weight if tied else nn.Parameter(head.weight.detach()[rows])
    head.out_features = len(rows)
    if head.bias is not None:
        head.bias = nn.Parameter(head.bias.detach()[rows])
    for config in _configs(model):
        if hasattr(config, "vocab_size"):
            config.vocab_size = len(rows)
        for name, value in _token_settings(config):
            new = [places[number] for number in _numbers(value) if number in places]
            setattr(config, name, new if isinstance(value, list) else next(iter(new), None))


def _configs(model: PreTrainedModel) -> list[Any]:
    text = model.config.get_text_config()
    parts = [model.config, None if text is model.config else text, model.generation_config]
    return [config for config in parts if config is not None]


def _token_settings(config: Any) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in vars(config).items() if TOKEN_SETTING.search(name) and value is not None]


def _numbers(value: Any) -> list[int]:
    return [number for number in (value if isinstance(value, list) else [value]) if isinstance(number, int)]


def _write_tokenizer(tokenizer: PreTrainedTokenizerBase, vocabulary: BpeVocabulary, kept: Kept, source: Path, target: Path) -> None:
    protobuf = source / "tokenizer.model"
    if protobuf.exists():
        (target / "tokenizer.model").write_bytes(trim_protobuf(protobuf.read_bytes(), kept))
    else:
        # The converter knows a byte-level tokenizer by the ids of a text, which are others now.
        write_pre_tokenizer(target, read_pre_tokenizer(source) or converter.pre_tokenizer_of(tokenizer))
    settings = {name: value for name, value in tokenizer.special_tokens_map.items() if isinstance(value, str)}
    PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(vocabulary.trimmed(kept)),
        **settings,
        model_max_length=tokenizer.model_max_length,
        clean_up_tokenization_spaces=False,
        chat_template=tokenizer.chat_template,
    ).save_pretrained(target)
    _keep_settings(vocabulary, kept, source, target)


def _keep_settings(vocabulary: BpeVocabulary, kept: Kept, source: Path, target: Path) -> None:
    """
    What llama.cpp's converter reads of a tokenizer's settings and transformers leaves out: whether text begins with a space or a
    mark, and for SentencePiece the tokens that stand in no protobuf or have a meaning of their own there.
    """
    path = target / "tokenizer_config.json"
    before = read_config(source / "tokenizer_config.json", "MODEL_NOT_FOUND", "MODEL_CORRUPT")
    held = {name: before[name] for name in ("add_prefix_space", "add_bos_token", "add_eos_token") if name in before}
    added = vocabulary.added(kept) if (target / "tokenizer.model").exists() else {}
    decoder = {"added_tokens_decoder": added} if added else {}
    write_json(path, {**read_config(path, "MODEL_NOT_FOUND", "MODEL_CORRUPT"), **held, **decoder})


def _bits_per_byte(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str) -> float:
    """Bits that the model needs for the tokens after the first, by byte: perplexities of two vocabularies do not compare."""
    ids = _ids(tokenizer, text)
    if len(ids) < 2:
        return 0.0
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([ids[:-1]]), use_cache=False).logits[0].float()
    nats = float(nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction="sum"))
    return nats / math.log(2) / len(text.encode())


def _compare_bytes(before: list[float], after: list[float]) -> dict[str, float]:
    """Bits per byte of both, each text counting alike, and the standard error of their ratio (delta method, paired)."""
    count = len(before)
    old, new = sum(before) / count, sum(after) / count
    ratio = new / old if old > 0 else 1.0
    spread = sum((b - ratio * a) ** 2 for a, b in zip(before, after, strict=True)) / max(1, count - 1)
    error = math.sqrt(spread / count) / old if old > 0 else 0.0
    return {"bitsPerByte": new, "bitsPerByteBefore": old, "bitsError": error}


def _compare_tokens(
    before: PreTrainedTokenizerBase, after: PreTrainedTokenizerBase, texts: list[str], places: dict[int, int]
) -> dict[str, int]:
    """How many texts come back from the new tokens, and how many of those whose tokens all stayed have the same ones."""
    found = Counter[str]()
    for text in texts:
        old, new = _ids(before, text), _ids(after, text)
        found["texts"] += 1
        found["roundTrips"] += after.decode(new) == before.decode(old)
        if all(number in places for number in old):
            found["keptTexts"] += 1
            found["sameTokens"] += new == [places[number] for number in old]
    return {name: found[name] for name in ("texts", "roundTrips", "keptTexts", "sameTokens")}


def _probe(tokenizer: PreTrainedTokenizerBase, texts: list[tuple[str, str]], kept: Kept) -> list[list[int]]:
    """Beginnings of texts, in old ids, of tokens that stay."""
    held, stay = [], set(kept.ids)
    for _, text in texts[:8]:
        ids = [number for number in _ids(tokenizer, text)[:64] if number in stay]
        if ids:
            held.append(ids)
    return held


def _logits(model: PreTrainedModel, probe: list[list[int]], tokens: Any) -> list[torch.Tensor]:
    """Logits [ids, tokens] of each probe for these tokens alone."""
    columns = torch.tensor(list(tokens))
    with torch.no_grad():
        return [model(input_ids=torch.tensor([ids]), use_cache=False).logits[0].float()[:, columns] for ids in probe]


def _error(wanted: list[torch.Tensor], found: list[torch.Tensor]) -> float:
    """Largest distance of a logit from what it was, as a share of the largest logit."""
    largest = max((float(one.abs().max()) for one in wanted), default=1.0)
    distance = max((float((one - other).abs().max()) for one, other in zip(wanted, found, strict=True)), default=0.0)
    return distance / largest if largest > 0 else distance
