"""How many tokens stay: as the options say, or as few as the held-out texts can do with."""

from dataclasses import dataclass, field
from typing import Any

from tokenizers import Tokenizer
from transformers import PreTrainedModel

from cogumi_engine.bits_per_byte import bits_per_byte_with
from cogumi_engine.bpe_vocabulary import BpeVocabulary, Kept
from cogumi_engine.errors import JobError
from cogumi_engine.options import TrimVocabularyOptions
from cogumi_engine.passages import Passage
from cogumi_engine.vocabulary_curve import Curve

# Sizes that are tried: each leaves out half of what the one before left out of the texts (chosen).
TRIALS = 4


@dataclass
class Choice:
    """The tokens that stay, and what was tried on the way: `size`, `coverage`, `bitsPerByte` as a multiple."""

    kept: Kept
    tried: list[dict[str, Any]] = field(default_factory=list)


def choose_tokens(
    curve: Curve,
    options: TrimVocabularyOptions,
    model: PreTrainedModel,
    vocabulary: BpeVocabulary,
    proof: list[Passage],
    before: float,
) -> Choice:
    """
    `before`: mean bits per byte of the `proof` texts with the whole vocabulary.

    Without a size, the smallest of the vocabularies that cover `coverage` and cost at most `bitsPerByte` before tuning: what tuning
    gains, the whole vocabulary would have gained too (stages/compression/trim-vocabulary/README.md). Where none does, the largest
    tried, and the gates decide. Errors: VOCABULARY_TOO_SMALL.
    """
    if options.size is not None:
        if options.size < len(curve.needed):
            size, least = options.size, len(curve.needed)
            message = f"`trimVocabulary.size` is {size}; bytes, control tokens and the chat template alone need {least}."
            raise JobError("VOCABULARY_TOO_SMALL", message, "Raise it, or leave it out: the size is then chosen.")
        return Choice(Kept(sorted(curve.at_size(options.size))))
    tried: list[dict[str, Any]] = []
    for trial in range(TRIALS):
        coverage = 1 - (1 - options.coverage) / 2**trial
        kept = Kept(sorted(curve.at_coverage(coverage)))
        trimmed = Tokenizer.from_str(vocabulary.trimmed(kept))
        bits = sum(bits_per_byte_with(model, trimmed, kept, passage) for passage in proof) / len(proof)
        ratio = bits / before if before > 0 else 1.0
        tried.append({"size": len(kept.ids), "coverage": curve.measured.share(set(kept.ids)), "bitsPerByte": ratio})
        if ratio <= options.bits_per_byte:
            break
    return Choice(kept, tried)
