"""
The vocabulary of a BPE tokenizer in Hugging Face's form (`tokenizer.json`), and a smaller one that reads text as it does.

Both kinds are BPE there: byte-level (GPT-2, Llama 3, Qwen, SmolLM) and SentencePiece with its bytes as a fallback (Llama 2, Gemma).
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from tokenizers import pre_tokenizers

from cogumi_engine import sentencepiece_model
from cogumi_engine.errors import JobError

# SentencePiece's name of a byte.
BYTE = re.compile(r"^<0x[0-9A-F]{2}>$")
# What tells one placeholder from another, and how many make a family (chosen).
NUMBER, LEAST_FAMILY = re.compile(r"\d+"), 10
# Kinds of pieces of SentencePiece that are no text. They keep their meaning, so they stay.
UNTOUCHED = {sentencepiece_model.UNKNOWN, sentencepiece_model.CONTROL, sentencepiece_model.BYTE}


@dataclass(frozen=True)
class Kept:
    """Tokens that stay, as ids of the whole vocabulary in rising order: the new id of a token is its place."""

    ids: Sequence[int]

    def places(self) -> dict[int, int]:
        """Old id to new id."""
        return {old: new for new, old in enumerate(self.ids)}


class BpeVocabulary:
    """
    `rows`: of the embedding. Added tokens beyond it stay out: Gemma 3's text models name an image token that only larger ones have.

    Errors: TOKENIZER_UNKNOWN for a tokenizer that is no BPE.
    """

    def __init__(self, text: str, rows: int | None = None) -> None:
        self._json: dict[str, Any] = json.loads(text)
        self._model: dict[str, Any] = self._json["model"]
        if self._model.get("type") != "BPE":
            message = f"The tokenizer is of the kind {self._model.get('type')}; a vocabulary can be trimmed for BPE only."
            raise JobError("TOKENIZER_UNKNOWN", message, "Leave `trimVocabulary` out of the recipe.")
        added: list[dict[str, Any]] = self._json.get("added_tokens", [])
        if rows is not None:
            self._model["vocab"] = {piece: number for piece, number in self._model["vocab"].items() if number < rows}
            added = [token for token in added if token["id"] < rows]
        self._added = added
        self.ids: dict[str, int] = {**self._model["vocab"], **{token["content"]: token["id"] for token in self._added}}
        self.pieces = {number: piece for piece, number in self.ids.items()}
        self._merges = [merge_of(merge) for merge in self._model["merges"]]
        self._ranks = {pair: rank for rank, pair in enumerate(self._merges)}

    def indispensable(self, marks: Iterable[str]) -> set[int]:
        """
        Tokens that text of any kind needs: bytes, control tokens without `placeholders`, and the pieces of `marks`. Where no
        character falls back to its bytes, every character stays: of byte-level BPE those are the bytes.
        """
        alphabet = set(pre_tokenizers.ByteLevel.alphabet())
        model: dict[str, int] = self._model["vocab"]
        bytes_ = {number for piece, number in model.items() if BYTE.match(piece) or piece in alphabet}
        # Some say that they fall back to bytes and have none.
        if not (self._model.get("byte_fallback") and any(map(BYTE.match, model))):
            bytes_ |= {number for piece, number in model.items() if len(piece) == 1}
        special = {token["id"] for token in self._added if token["special"]}
        unknown = self._model.get("unk_token")
        processor = _pieces_of(self._json.get("post_processor"))
        named = {self.ids[mark] for mark in [*marks, *processor, unknown] if mark in self.ids}
        return bytes_ | (special - self.placeholders) | named

    @cached_property
    def placeholders(self) -> set[int]:
        """
        Control tokens of which there are many that differ by a number alone: places that were kept free (6,242 of them like
        `<unused0>` of Gemma 3, `<|reserved_special_token_0|>` of Llama 3). Text of any kind does without them.
        """
        families: dict[str, list[int]] = {}
        for token in self._added:
            if token["special"] and NUMBER.search(token["content"]):
                families.setdefault(NUMBER.sub("#", token["content"]), []).append(token["id"])
        return {number for family in families.values() if len(family) >= LEAST_FAMILY for number in family}

    def closed(self, tokens: Iterable[int]) -> set[int]:
        """
        The tokens and all that merging up to them goes through.

        In a text whose tokens all stay, the merges that made each of them lie inside it, in the order in which the token alone is
        merged: none of them is missing then, and those that went are none that the whole vocabulary would have applied. So such
        a text keeps its tokens.
        """
        found: set[int] = set()
        for token in tokens:
            found.add(token)
            found.update(self._parts(self.pieces.get(token, "")))
        return found

    def _parts(self, piece: str) -> list[int]:
        """Ids of what merging the characters of `piece` makes on the way; empty where merging does not lead to it."""
        if self.ids.get(piece) not in (None, self._model["vocab"].get(piece)):
            return []
        symbols, made = list(piece), list(piece)
        while len(symbols) > 1:
            ranked = [(self._ranks.get(pair), at) for at, pair in enumerate(pairwise(symbols))]
            rank, at = min(((rank, at) for rank, at in ranked if rank is not None), default=(None, 0))
            if rank is None:
                return []
            symbols[at : at + 2] = [symbols[at] + symbols[at + 1]]
            made.append(symbols[at])
        return [self.ids[part] for part in made if part in self.ids]

    def added(self, kept: Kept) -> dict[str, dict[str, Any]]:
        """Added tokens that stay, by their new ids, as `added_tokens_decoder` of transformers 4 holds them."""
        places = kept.places()
        found = [(places[token["id"]], token) for token in self._added if token["id"] in places]
        return {str(number): {name: value for name, value in token.items() if name != "id"} for number, token in found}

    def trimmed(self, kept: Kept) -> str:
        """`tokenizer.json` of the tokens that stay. The post-processor's ids follow; those that it names have to stay."""
        places = kept.places()
        vocabulary = {piece: places[number] for piece, number in self._model["vocab"].items() if number in places}
        merges = [[a, b] for a, b in self._merges if a in vocabulary and b in vocabulary and a + b in vocabulary]
        added = [{**token, "id": places[token["id"]]} for token in self._added if token["id"] in places]
        model = {**self._model, "vocab": dict(sorted(vocabulary.items(), key=lambda entry: entry[1])), "merges": merges}
        processor = _renumber(self._json.get("post_processor"), self.ids, places)
        return json.dumps({**self._json, "model": model, "added_tokens": added, "post_processor": processor}, ensure_ascii=False)


def merge_of(merge: Any) -> tuple[str, str]:
    """The two pieces of a merge, which old files write as one text."""
    left, right = merge.split(" ", 1) if isinstance(merge, str) else merge
    return left, right


def _pieces_of(processor: Any) -> list[str]:
    """Pieces that a post-processor puts before or behind a text."""
    if not isinstance(processor, dict):
        return []
    within = [piece for one in processor.get("processors", []) for piece in _pieces_of(one)]
    templates = [piece for token in processor.get("special_tokens", {}).values() for piece in token["tokens"]]
    return within + templates + [processor[end][0] for end in ("sep", "cls") if end in processor]


def _renumber(processor: Any, ids: dict[str, int], places: dict[int, int]) -> Any:
    """A post-processor with the new ids of its tokens (`TemplateProcessing`, `RobertaProcessing`; also within a sequence)."""
    if not isinstance(processor, dict):
        return processor
    changed = dict(processor)
    if "processors" in processor:
        changed["processors"] = [_renumber(one, ids, places) for one in processor["processors"]]
    if "special_tokens" in processor:
        changed["special_tokens"] = {
            name: {**token, "ids": [places[ids[piece]] for piece in token["tokens"]]}
            for name, token in processor["special_tokens"].items()
        }
    for end in ("sep", "cls"):
        if end in processor:
            changed[end] = [processor[end][0], places[ids[processor[end][0]]]]
    return changed


def trim_protobuf(content: bytes, kept: Kept) -> bytes:
    """`tokenizer.model` of SentencePiece, which llama.cpp's converter reads, with the pieces that stay."""
    proto, trimmed = sentencepiece_model.parse_model(content), sentencepiece_model.parse_model(content)
    places = kept.places()
    pieces = [proto.pieces[number] for number in kept.ids if number < len(proto.pieces)]
    del trimmed.pieces[:]
    trimmed.pieces.extend(pieces)
    trimmed.trainer_spec.vocab_size = len(pieces)
    for role in ("unk_id", "bos_id", "eos_id", "pad_id"):
        setattr(trimmed.trainer_spec, role, places.get(getattr(proto.trainer_spec, role), -1))
    return bytes(trimmed.SerializeToString())


def untouched_pieces(content: bytes) -> set[int]:
    """Ids of the pieces of `tokenizer.model` that are no text."""
    return {number for number, piece in enumerate(sentencepiece_model.parse_model(content).pieces) if piece.type in UNTOUCHED}
