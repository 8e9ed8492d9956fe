"""What was written in a row, apart from the marks that a chat template writes around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase

from cogumi_engine.rows import Example, encode, prompt_text, turns_of


@dataclass(frozen=True)
class Passage:
    """
    A text as a model reads it, and the parts of it that count: (start, end) in characters.

    The marks of a chat template are the same in every row, and a base model that never saw them needs tens of bits for each: they
    would hide what the text costs.
    """

    text: str
    parts: Sequence[tuple[int, int]]

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, row: dict[str, Any]) -> "Passage":
        """
        Running text, all of which counts; or a chat as its template writes it, the answer last, of which the turns count.
        Not those that must not be learned, nor what the template leaves out. Errors: CHAT_TEMPLATE.
        """
        if "text" in row:
            return cls(row["text"], [(0, len(row["text"]))])
        prompt, parts, at = prompt_text(tokenizer, row), [], 0
        *turns, answer = turns_of(row)
        for turn in turns:
            content = turn["content"].strip()
            start = prompt.find(content, at)
            if start < 0:
                continue
            at = start + len(content)
            if turn.get("train") is not False:
                parts.append((start, at))
        text = prompt + answer["content"]
        return cls(text, [*parts, (len(prompt), len(text))])

    def beginning(self, characters: int) -> "Passage":
        """The first `characters` of it."""
        parts = [(start, min(end, characters)) for start, end in self.parts if start < characters]
        return Passage(self.text[:characters], parts)

    def bytes(self) -> int:
        """UTF-8 bytes of the parts that count."""
        return sum(len(self.text[start:end].encode()) for start, end in self.parts)

    def encode(self, tokenizer: Tokenizer) -> Example:
        """Tokens of the text, with no mark before or behind it; one that has a character of a part weighs 1, others 0."""
        encoding = tokenizer.encode(self.text, add_special_tokens=False)
        weights = [float(any(end > first and start < last for first, last in self.parts)) for start, end in encoding.offsets]
        return Example(encoding.ids, weights)


def encode_written(tokenizer: PreTrainedTokenizerBase, row: dict[str, Any]) -> Example:
    """Tokens of a row to learn from: what was written weighs 1, in questions as in answers, and the template's marks 0."""
    if "text" in row:
        return encode(tokenizer, row, 1.0)
    return Passage.of(tokenizer, row).encode(tokenizer.backend_tokenizer)
