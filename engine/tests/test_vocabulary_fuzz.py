"""
Any text through a trimmed vocabulary. `COGUMI_FUZZ_STRINGS=100000` takes as many texts for each, and real vocabularies as well
(`npm run exam -- vocabulary-fuzz`); a failure names its seed, and `COGUMI_FUZZ_SEED` repeats it.
"""

import gzip
import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from conftest import chat_row, shared_data
from fuzzed_texts import fuzzed_texts
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from cogumi_engine.bpe_vocabulary import Kept
from cogumi_engine.gguf_tokenizer import PRE_TOKENIZERS, Vocabulary, write_tokenizer
from cogumi_engine.models import load_tokenizer
from cogumi_engine.trimmed_tokenizer import TrimmedTokenizer

STRINGS = int(os.environ.get("COGUMI_FUZZ_STRINGS", "1000"))
SEED = int(os.environ.get("COGUMI_FUZZ_SEED", random.randrange(2**31) if "COGUMI_FUZZ_STRINGS" in os.environ else 1))
TEMPLATE = "{% for message in messages %}<|im_start|>{{ message['content'] }}<|im_end|>\n{% endfor %}"
# Texts that the trained tokenizers know, so that whole words of many scripts, spaces and signs are tokens.
LEARNED = [*fuzzed_texts(2000, 7), *(f"{row['question']}\n\n{row['answer']}" for row in map(chat_row, range(200)))]


def byte_level(folder: Path, pre: str, ignore_merges: bool) -> None:
    core = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    core.pre_tokenizer = pre_tokenizers.Sequence(PRE_TOKENIZERS[pre]())
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    core.train_from_iterator(LEARNED, trainers.BpeTrainer(vocab_size=4000, initial_alphabet=alphabet, show_progress=False))
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    core.add_special_tokens([AddedToken(mark, special=True, normalized=False) for mark in marks])
    # No control tokens: tool calls and runs of spaces, as Qwen and Phi add them.
    core.add_tokens([AddedToken(piece, normalized=False) for piece in ("<tool_call>", "   ", "      ", "\n\n\n")])
    settings = {"eos_token": marks[2], "pad_token": marks[0], "clean_up_tokenization_spaces": False, "chat_template": TEMPLATE}
    PreTrainedTokenizerFast(tokenizer_object=core, **settings).save_pretrained(folder)


def sentencepiece(folder: Path, byte_fallback: bool, adds_space: bool) -> None:
    SentencePieceTrainer.train(
        sentence_iterator=iter(text for text in LEARNED if "\0" not in text),
        model_prefix=str(folder / "trained"),
        model_type="bpe",
        vocab_size=6000,
        character_coverage=0.98,
        byte_fallback=byte_fallback,
        user_defined_symbols=["\n\n", "\n\n\n", "<h1>", "<unused3>"],
        control_symbols=["<|im_start|>", "<|im_end|>"],
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        split_by_whitespace=False,
        hard_vocab_limit=False,
        minloglevel=2,
        num_threads=1,
    )
    trained = SentencePieceProcessor(model_file=str(folder / "trained.model"))
    numbers = range(trained.get_piece_size())
    defined = {"\n\n", "\n\n\n", "<h1>", "<unused3>"}

    def kind(number: int) -> int:
        tests = [(2, trained.is_unknown), (3, trained.is_control), (6, trained.is_byte)]
        found = [value for value, test in tests if test(number)]
        return found[0] if found else 4 if trained.id_to_piece(number) in defined else 1

    fields = {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": [trained.id_to_piece(number) for number in numbers],
        "tokenizer.ggml.token_type": [kind(number) for number in numbers],
        "tokenizer.ggml.scores": [trained.get_score(number) for number in numbers],
        "tokenizer.ggml.add_space_prefix": adds_space,
        "tokenizer.ggml.unknown_token_id": trained.unk_id(),
        "tokenizer.ggml.bos_token_id": trained.bos_id(),
        "tokenizer.ggml.eos_token_id": trained.eos_id(),
        "tokenizer.chat_template": TEMPLATE,
    }
    write_tokenizer(Vocabulary(fields.get), folder)


def of_gguf(folder: Path, name: str) -> None:
    """A real vocabulary, from one of llama.cpp's test files."""
    from gguf import GGUFReader

    path = shared_data() / "tokenizers/gguf" / name
    if path.suffix == ".gz":
        (folder / "whole.gguf").write_bytes(gzip.decompress(path.read_bytes()))
        path = folder / "whole.gguf"
    fields = GGUFReader(path).fields
    held = {key: fields[key].contents() for key in fields if key.startswith("tokenizer.")}
    # A tokenizer that is called `default` there is GPT-2's.
    given = {**held, "tokenizer.ggml.pre": held.get("tokenizer.ggml.pre", "gpt-2"), "tokenizer.chat_template": TEMPLATE}
    write_tokenizer(Vocabulary(given.get), folder)


def llama_3(folder: Path) -> None:
    source = shared_data() / "tokenizers/llama3"
    pieces = json.loads(gzip.decompress((source / "vocab.json.gz").read_bytes()))
    merges = gzip.decompress((source / "merges.txt.gz").read_bytes()).decode().splitlines()
    fields = {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "llama-bpe",
        "tokenizer.ggml.tokens": sorted(pieces, key=pieces.get),
        "tokenizer.ggml.merges": [merge for merge in merges if merge and not merge.startswith("#version")],
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": TEMPLATE,
    }
    write_tokenizer(Vocabulary(fields.get), folder)


TRAINED = {
    "byte-level": lambda folder: byte_level(folder, "smollm", ignore_merges=False),
    "byte-level, whole words first": lambda folder: byte_level(folder, "llama-bpe", ignore_merges=True),
    "SentencePiece": lambda folder: sentencepiece(folder, byte_fallback=True, adds_space=False),
    "SentencePiece, a space first": lambda folder: sentencepiece(folder, byte_fallback=True, adds_space=True),
    "SentencePiece, no bytes": lambda folder: sentencepiece(folder, byte_fallback=False, adds_space=False),
}
REAL = {
    "GPT-2": lambda folder: of_gguf(folder, "ggml-vocab-gpt-2.gguf.gz"),
    "Llama 2": lambda folder: of_gguf(folder, "ggml-vocab-llama-spm.gguf"),
    "Llama 3": llama_3,
}


TOKENIZERS = {**TRAINED, **REAL}


@pytest.mark.parametrize("name", TOKENIZERS if "COGUMI_FUZZ_STRINGS" in os.environ else TRAINED)
def test_any_text_comes_back_and_kept_tokens_map_one_to_one(name, tmp_path):
    whole_folder, trimmed_folder = tmp_path / "whole", tmp_path / "trimmed"
    whole_folder.mkdir()
    trimmed_folder.mkdir()
    TOKENIZERS[name](whole_folder)
    whole = load_tokenizer(whole_folder)
    given = TrimmedTokenizer(whole, whole_folder, rows=len(whole))
    kept = kept_of(whole, given)
    assert len(kept.ids) < 0.8 * len(whole)
    given.write(kept, trimmed_folder)
    trimmed = load_tokenizer(trimmed_folder)
    assert len(trimmed) == len(kept.ids)

    places = kept.places()
    mapped = split = 0
    for text, before, after in encoded(whole, trimmed):
        assert trimmed.decode(after) == whole.decode(before), f"{name}, seed {SEED}: {text!r}"
        if all(number in places for number in before):
            mapped += 1
            assert after == [places[number] for number in before], f"{name}, seed {SEED}: {text!r}"
        else:
            split += 1
    # Both kinds of text were there.
    assert mapped > STRINGS / 50 and split > STRINGS / 50


def kept_of(whole, given):
    """What every text needs, the words of a third of the known texts, and every fifth of all tokens."""
    counts = Counter(number for text in LEARNED[::3] for number in whole.encode(text, add_special_tokens=False))
    wanted = {number for number, count in counts.items() if count > 2} | set(range(0, len(whole), 5))
    return Kept(sorted(given.vocabulary.closed(wanted | given.needed([]))))


def encoded(whole, trimmed):
    """Texts with their tokens in both vocabularies, a batch at a time."""
    for start in range(0, STRINGS, 5000):
        texts = fuzzed_texts(min(5000, STRINGS - start), SEED + start)
        ids = [tokenizer(texts, add_special_tokens=False)["input_ids"] for tokenizer in (whole, trimmed)]
        yield from zip(texts, *ids, strict=True)
