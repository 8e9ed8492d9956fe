"""`tokenizer.model`, the protobuf of SentencePiece."""

from typing import Any

from sentencepiece import sentencepiece_model_pb2 as messages

# sentencepiece_model.proto, `SentencePiece.Type`; gguf.TokenType has the same numbers.
UNKNOWN, CONTROL, USER_DEFINED, BYTE = 2, 3, 4, 6


def parse_model(content: bytes = b"") -> Any:
    """A `ModelProto`; an empty one of no bytes."""
    # protobuf makes its classes when the module loads, so mypy does not see them.
    proto: Any = messages.ModelProto()  # type: ignore[attr-defined]
    proto.ParseFromString(content)
    return proto


def bpe() -> Any:
    """The value of `trainer_spec.model_type` for BPE."""
    # As above.
    return messages.TrainerSpec.BPE  # type: ignore[attr-defined]
