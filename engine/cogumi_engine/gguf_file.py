"""
GGUF files, read by gguf-py once and without a view of the memory map for every value of a list.

The library's reader takes 21 s of processor time for the 262,144 tokens of Gemma 3 with their scores and kinds (measured; 0.6 s
here). transformers opens the file three times more and turns each of these values into Python's, of which it needs the count.
"""

import contextlib
import copy
import functools
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import torch
from transformers import AutoModelForCausalLM, PretrainedConfig, PreTrainedModel
from transformers.initialization import no_init_weights

from cogumi_engine import converter

_LENGTH = struct.Struct("<Q")


def open_gguf(path: Path) -> Any:
    """A `gguf.GGUFReader`. Errors: ValueError, IndexError or OverflowError for what is no whole GGUF file."""
    return _reader_class()(path)


@contextlib.contextmanager
def known_to_transformers(reader: Any) -> Iterator[None]:
    """While it lasts, transformers loads from this reader whichever path it is given; it sees no lists of the tokenizer."""
    gguf: Any = converter.load("gguf")
    shown = copy.copy(reader)
    shown.fields = {name: field for name, field in reader.fields.items() if not _is_list_of_tokenizer(gguf, name, field)}
    architecture, tokens = (reader.fields.get(name) for name in ("general.architecture", "tokenizer.ggml.tokens"))
    if architecture is not None and tokens is not None:
        # transformers counts the tokens where a file does not say how many there are.
        name = f"{architecture.contents()}.vocab_size"
        count = numpy.array([len(tokens.data)], numpy.uint32)
        shown.fields.setdefault(name, gguf.ReaderField(0, name, [count], [0], [gguf.GGUFValueType.UINT32]))
    # The names of all tensors are worked out anew for every module of the model.
    names = functools.cache(gguf.get_tensor_name_map)
    # transformers takes both from the library when it loads, and has no parameter for either.
    own = gguf.GGUFReader, gguf.get_tensor_name_map
    gguf.GGUFReader, gguf.get_tensor_name_map = (lambda _path: shown), names
    try:
        yield
    finally:
        gguf.GGUFReader, gguf.get_tensor_name_map = own


def plain_model(config: PretrainedConfig, weights: dict[str, torch.Tensor]) -> PreTrainedModel:
    """A model of this config in f32 with these weights, all of them: transformers does not write one that it read from GGUF."""
    with no_init_weights():
        plain = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    plain.tie_weights()
    plain.load_state_dict(weights)
    return plain


def _is_list_of_tokenizer(gguf: Any, name: str, field: Any) -> bool:
    return name.startswith("tokenizer.") and field.types[0] == gguf.GGUFValueType.ARRAY


@functools.cache
def _reader_class() -> Any:
    gguf = converter.load("gguf")
    kinds = gguf.GGUFValueType

    # The library is found when it runs, so mypy does not see its class.
    class Reader(gguf.GGUFReader):  # type: ignore[name-defined]
        """Has the fields of the library's reader; lists lack the parts that hold the lengths of their texts."""

        def _get_field_parts(self, orig_offs: int, raw_type: int) -> tuple[int, list[Any], list[int], list[Any]]:
            # A list is its kind in 4 bytes, its length in 8, and its values; texts have their length in 8 bytes before them.
            head = bytes(self.data[orig_offs : orig_offs + 12])
            if kinds(raw_type) != kinds.ARRAY or self.byte_order != "I" or len(head) < 12:
                return super()._get_field_parts(orig_offs, raw_type)
            kind, count = kinds(int.from_bytes(head[:4], "little")), int.from_bytes(head[4:], "little")
            plain = numpy.asarray(self.data)
            if kind == kinds.STRING:
                parts, end = _texts(plain, orig_offs + 12, count)
            elif kind in self.gguf_scalar_to_np:
                parts, end = _numbers(plain, orig_offs + 12, count, numpy.dtype(self.gguf_scalar_to_np[kind]))
            else:
                return super()._get_field_parts(orig_offs, raw_type)
            return end - orig_offs, parts, list(range(count)), [kinds.ARRAY, kind] if count > 0 else [kinds.ARRAY]

    return Reader


def _texts(data: Any, start: int, count: int) -> tuple[list[Any], int]:
    """`count` texts as bytes, and where they end. Errors: ValueError."""
    texts, at = [], start
    for number in range(count):
        if at + 8 > len(data):
            raise ValueError(f"it ends before text {number + 1} of a list of {count}")
        (length,) = _LENGTH.unpack_from(data, at)
        at += 8
        if at + length > len(data):
            raise ValueError(f"text {number + 1} of a list of {count} has {length} bytes; {len(data) - at} are left")
        texts.append(data[at : at + length])
        at += length
    return texts, at


def _numbers(data: Any, start: int, count: int, kind: Any) -> tuple[list[Any], int]:
    """`count` arrays of one number each, and where they end. Errors: ValueError."""
    end = start + count * kind.itemsize
    if end > len(data):
        raise ValueError(f"a list of {count} numbers needs {end - start} bytes; {len(data) - start} are left")
    values = data[start:end].view(kind)
    return [values[number : number + 1] for number in range(count)], end
