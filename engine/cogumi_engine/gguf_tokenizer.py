"""
A Hugging Face tokenizer from what a GGUF file says of its own, with the same ids as llama.cpp.

What transformers 5.17 rebuilds from a GGUF differs from llama.cpp in three ways on SmolLM2 (measured): byte fallback that BPE does
not have, digits that are not split, and another end mark. So both kinds of tokenizer are put together here, and a kind of
pre-tokenizer that is not in the table below is refused by name.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from cogumi_engine.bpe_vocabulary import merge_of
from cogumi_engine.errors import JobError
from cogumi_engine.files import write_json
from cogumi_engine.sentencepiece_model import BYTE, CONTROL, UNKNOWN, USER_DEFINED, bpe, parse_model

SPACE = "\u2581"

# Contractions, words, numbers, signs, line ends and spaces, as Llama 3 and Qwen 2 split them; they differ in how many digits are
# one piece. Sources: `LLAMA_VOCAB_PRE_TYPE_LLAMA3` and `_QWEN2` in llama.cpp's llama-vocab.cpp; the models' own tokenizer.json.
WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{digits}"
    r"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def _words(digits: str) -> list[Any]:
    split = pre_tokenizers.Split(Regex(WORDS.format(digits=digits)), "isolated", invert=False)
    return [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]


def _gpt2(digits_first: bool) -> list[Any]:
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    return [pre_tokenizers.Digits(individual_digits=True), byte_level] if digits_first else [byte_level]


# llama.cpp's name of a pre-tokenizer (`tokenizer.ggml.pre`) to the steps that do the same.
PRE_TOKENIZERS: dict[str, Callable[[], list[Any]]] = {
    "gpt-2": lambda: _gpt2(digits_first=False),
    "smollm": lambda: _gpt2(digits_first=True),
    "llama-bpe": lambda: _words("{1,3}"),
    "qwen2": lambda: _words(""),
}


class Vocabulary:
    """The `tokenizer.ggml.*` fields of a GGUF file. `field(name)` gives a value, or None where the file has none."""

    def __init__(self, field: Callable[[str], Any]) -> None:
        self._field = field
        self.kind: str | None = field("tokenizer.ggml.model")
        self.pieces: list[str] = field("tokenizer.ggml.tokens") or []
        self.kinds: list[int] = field("tokenizer.ggml.token_type") or [1] * len(self.pieces)
        self.scores: list[float] = field("tokenizer.ggml.scores") or [0.0] * len(self.pieces)
        self.merges: list[str] = field("tokenizer.ggml.merges") or []
        self.pre: str = field("tokenizer.ggml.pre") or "default"
        self.template: str | None = field("tokenizer.chat_template")
        self.context: int | None = None
        if not self.pieces:
            raise JobError("TOKENIZER_UNKNOWN", "The GGUF file holds no tokenizer.", "Give a folder in Hugging Face form instead.")

    def token(self, role: str) -> str | None:
        """The piece of a role such as `bos`."""
        number = self._field(f"tokenizer.ggml.{role}_token_id")
        return self.pieces[number] if number is not None and number < len(self.pieces) else None

    def flag(self, name: str, otherwise: bool) -> bool:
        value = self._field(f"tokenizer.ggml.{name}")
        return otherwise if value is None else bool(value)

    @property
    def sentencepiece(self) -> bool:
        return self.kind == "llama"

    @property
    def adds_bos(self) -> bool:
        """llama.cpp's own default: SentencePiece and Llama 3 begin with the start mark, other BPE does not."""
        return self.flag("add_bos_token", self.sentencepiece or self.pre == "llama-bpe")

    @property
    def adds_space(self) -> bool:
        return self.flag("add_space_prefix", True)


def write_tokenizer(vocabulary: Vocabulary, target: Path) -> None:
    """Writes all tokenizer files of a model folder. Errors: TOKENIZER_UNKNOWN."""
    if vocabulary.sentencepiece:
        core = _sentencepiece(vocabulary)
        (target / "tokenizer.model").write_bytes(_protobuf(vocabulary))
    elif vocabulary.kind == "gpt2":
        core = _byte_level(vocabulary)
    else:
        message = f'The GGUF file has a tokenizer of the kind "{vocabulary.kind}"; "gpt2" and "llama" can be rebuilt.'
        raise JobError("TOKENIZER_UNKNOWN", message, "Give a folder in Hugging Face form instead.")
    for kind, special in ((CONTROL, True), (USER_DEFINED, False)):
        pieces = [piece for piece, own in zip(vocabulary.pieces, vocabulary.kinds, strict=True) if own == kind]
        added = [AddedToken(piece, special=special, normalized=False) for piece in pieces]
        core.add_special_tokens(added) if special else core.add_tokens(added)
    start = vocabulary.token("bos")
    if vocabulary.adds_bos and start is not None:
        core.post_processor = processors.TemplateProcessing(
            single=f"{start} $A", pair=f"{start} $A {start} $B", special_tokens=[(start, core.token_to_id(start))]
        )
    core.save(str(target / "tokenizer.json"))
    roles = {"bos": "bos", "eos": "eos", "pad": "padding", "unk": "unknown"}
    marks = {f"{role}_token": vocabulary.token(name) for role, name in roles.items()}
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        **{name: piece for name, piece in marks.items() if piece is not None},
        "add_bos_token": vocabulary.adds_bos,
        "add_prefix_space": vocabulary.sentencepiece and vocabulary.adds_space,
        "clean_up_tokenization_spaces": False,
    }
    if vocabulary.context is not None:
        settings["model_max_length"] = vocabulary.context
    write_json(target / "tokenizer_config.json", settings)
    if vocabulary.template is not None:
        (target / "chat_template.jinja").write_text(vocabulary.template, "utf-8")


def _byte_level(vocabulary: Vocabulary) -> Tokenizer:
    """Byte-level BPE (GPT-2, Llama 3, Qwen, SmolLM)."""
    steps = PRE_TOKENIZERS.get(vocabulary.pre)
    if steps is None:
        message = f'The GGUF file has the pre-tokenizer "{vocabulary.pre}"; known are {", ".join(sorted(PRE_TOKENIZERS))}.'
        raise JobError("TOKENIZER_UNKNOWN", message, "Give a folder in Hugging Face form instead.")
    ids = {piece: number for number, piece in enumerate(vocabulary.pieces)}
    merges = [merge_of(merge) for merge in vocabulary.merges]
    # Llama 3 takes a word that is a piece as it is, without merging up to it (llama.cpp: `ignore_merges`).
    core = Tokenizer(models.BPE(ids, merges, ignore_merges=vocabulary.pre == "llama-bpe"))
    core.pre_tokenizer = pre_tokenizers.Sequence(steps())
    core.decoder = decoders.ByteLevel()
    return core


def _sentencepiece(vocabulary: Vocabulary) -> Tokenizer:
    """SentencePiece's BPE (Llama 2, Mistral, Gemma): the pair whose piece has the best score is merged first."""
    ids = {piece: number for number, piece in enumerate(vocabulary.pieces)}
    merges = []
    for number, (piece, kind) in enumerate(zip(vocabulary.pieces, vocabulary.kinds, strict=True)):
        if kind in (UNKNOWN, CONTROL, BYTE):
            continue
        for cut in range(1, len(piece)):
            if piece[:cut] in ids and piece[cut:] in ids:
                merges.append((-vocabulary.scores[number], number, (piece[:cut], piece[cut:])))
    merges.sort()
    unknown = vocabulary.token("unknown")
    core = Tokenizer(models.BPE(ids, [pair for _, _, pair in merges], unk_token=unknown, fuse_unk=True, byte_fallback=True))
    replace = normalizers.Replace(" ", SPACE)
    core.normalizer = normalizers.Sequence([normalizers.Prepend(SPACE), replace]) if vocabulary.adds_space else replace
    steps = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    core.decoder = decoders.Sequence([*steps, decoders.Strip(content=" ", left=1)] if vocabulary.adds_space else steps)
    return core


def _protobuf(vocabulary: Vocabulary) -> bytes:
    """`tokenizer.model`, which llama.cpp's converter reads for SentencePiece."""
    proto = parse_model()
    for piece, score, kind in zip(vocabulary.pieces, vocabulary.scores, vocabulary.kinds, strict=True):
        proto.pieces.add(piece=piece, score=score, type=kind)
    proto.trainer_spec.model_type = bpe()
    proto.trainer_spec.vocab_size = len(vocabulary.pieces)
    proto.trainer_spec.byte_fallback = BYTE in vocabulary.kinds
    proto.normalizer_spec.name = "identity"
    proto.normalizer_spec.add_dummy_prefix = vocabulary.adds_space
    proto.normalizer_spec.remove_extra_whitespaces = False
    return bytes(proto.SerializeToString())
