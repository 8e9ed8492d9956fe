"""A tokenizer's files with fewer tokens, for transformers and for llama.cpp's converter."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from cogumi_engine import converter
from cogumi_engine.bpe_vocabulary import BpeVocabulary, Kept, trim_protobuf, untouched_pieces
from cogumi_engine.files import write_json
from cogumi_engine.models import MARK, read_config
from cogumi_engine.pre_tokenizer import read_pre_tokenizer, write_pre_tokenizer
from cogumi_engine.rows import token_ids
from cogumi_engine.stops import stop_ids

# Settings that llama.cpp's converter reads and transformers leaves out: whether text begins with a space or a mark.
READ_BY_CONVERTER = ("add_prefix_space", "add_bos_token", "add_eos_token")
# Of this class its converter of Phi models takes a tokenizer for byte-level BPE (Phi-4), of every other for SentencePiece.
BYTE_LEVEL_CLASS = "GPT2Tokenizer"


class TrimmedTokenizer:
    """
    A tokenizer that is about to lose tokens; `folder` holds its files, `rows` is the size of the embedding.

    Errors: TOKENIZER_UNKNOWN for a tokenizer that is no BPE.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, folder: Path, rows: int) -> None:
        self._tokenizer, self._folder = tokenizer, folder
        self.vocabulary = BpeVocabulary(tokenizer.backend_tokenizer.to_str(), rows)

    def needed(self, named: Iterable[int]) -> set[int]:
        """
        Tokens that stay whatever the rows hold: bytes, control tokens, those of the chat template, and `named`. Placeholders only
        where template or settings name them.
        """
        template = str(self._tokenizer.chat_template)
        roles = self._tokenizer.special_tokens_map.values()
        marks = [*MARK.findall(template), *(mark for mark in roles if isinstance(mark, str))]
        protobuf = self._folder / "tokenizer.model"
        untouched = untouched_pieces(protobuf.read_bytes()) - self.vocabulary.placeholders if protobuf.exists() else set()
        of_template = token_ids(self._tokenizer, template)
        found = self.vocabulary.indispensable(marks) | untouched | {*named, *stop_ids(self._tokenizer), *of_template}
        return self.vocabulary.closed(number for number in found if number in self.vocabulary.pieces)

    def write(self, kept: Kept, target: Path) -> None:
        """Writes the files of the tokens that stay."""
        protobuf = self._folder / "tokenizer.model"
        if protobuf.exists():
            (target / "tokenizer.model").write_bytes(trim_protobuf(protobuf.read_bytes(), kept))
        else:
            # The converter knows a byte-level tokenizer by the ids of a text, which are others now.
            write_pre_tokenizer(target, read_pre_tokenizer(self._folder) or converter.pre_tokenizer_of(self._tokenizer))
        settings = {name: value for name, value in self._tokenizer.special_tokens_map.items() if isinstance(value, str)}
        PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer.from_str(self.vocabulary.trimmed(kept)),
            **settings,
            model_max_length=self._tokenizer.model_max_length,
            clean_up_tokenization_spaces=False,
            chat_template=self._tokenizer.chat_template,
        ).save_pretrained(target)
        self._keep_settings(kept, target)

    def _keep_settings(self, kept: Kept, target: Path) -> None:
        """The settings that the converter reads; for SentencePiece also tokens that stand in no protobuf or are control tokens."""
        path = target / "tokenizer_config.json"
        before = read_config(self._folder / "tokenizer_config.json")
        held: dict[str, Any] = {name: before[name] for name in READ_BY_CONVERTER if name in before}
        if before.get("tokenizer_class") == BYTE_LEVEL_CLASS:
            held["tokenizer_class"] = BYTE_LEVEL_CLASS
        added = self.vocabulary.added(kept) if (target / "tokenizer.model").exists() else {}
        decoder = {"added_tokens_decoder": added} if added else {}
        write_json(path, {**read_config(path), **held, **decoder})
