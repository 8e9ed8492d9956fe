"""
The real trained Llama "stories260K" of llama2.c (MIT) as a Hugging Face folder: config, safetensors, tokenizer, chat template.

    python stories260k_hf.py FOLDER_WITH_BIN_FILES FOLDER_TO_WRITE
"""

import json
import struct
import sys
from pathlib import Path

import numpy
import torch
from safetensors.torch import save_file
from sentencepiece import sentencepiece_model_pb2 as pb
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers

# The model has never seen a chat: plain words mark whose turn it is.
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'assistant' %}{{ 'A: ' + message['content'] + eos_token }}"
    "{% else %}{{ 'Q: ' + message['content'] + '\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'A: ' }}{% endif %}"
)


def main(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    raw = (source / "stories260K.bin").read_bytes()
    dim, hidden, layers, heads, kv_heads, vocabulary, context = struct.unpack("<7i", raw[:28])
    values = numpy.frombuffer(raw, dtype="<f4", offset=28)
    at = 0

    def take(*shape: int) -> torch.Tensor:
        nonlocal at
        size = int(numpy.prod(shape))
        at += size
        return torch.from_numpy(values[at - size : at].reshape(shape).copy())

    def halves(weight: torch.Tensor, count: int) -> torch.Tensor:
        """llama2.c turns neighbouring pairs, Hugging Face the two halves of a head."""
        return weight.view(count, -1, 2, dim).transpose(1, 2).reshape(weight.shape)

    kv = dim // heads * kv_heads
    tensors = {"model.embed_tokens.weight": take(vocabulary, dim)}
    shapes = {
        "input_layernorm": (dim,),
        "self_attn.q_proj": (dim, dim),
        "self_attn.k_proj": (kv, dim),
        "self_attn.v_proj": (kv, dim),
        "self_attn.o_proj": (dim, dim),
        "post_attention_layernorm": (dim,),
        "mlp.gate_proj": (hidden, dim),
        "mlp.down_proj": (dim, hidden),
        "mlp.up_proj": (hidden, dim),
    }
    for name, shape in shapes.items():
        for layer, weight in enumerate(take(layers, *shape)):
            turned = {"self_attn.q_proj": heads, "self_attn.k_proj": kv_heads}.get(name)
            tensors[f"model.layers.{layer}.{name}.weight"] = (halves(weight, turned) if turned else weight).contiguous()
    tensors["model.norm.weight"] = take(dim)
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    write(
        target / "config.json",
        {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "hidden_size": dim,
            "intermediate_size": hidden,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "num_key_value_heads": kv_heads,
            "vocab_size": vocabulary,
            "max_position_embeddings": context,
            "rms_norm_eps": 1e-5,
            "rope_theta": 10000.0,
            "hidden_act": "silu",
            "tie_word_embeddings": True,
            "bos_token_id": 1,
            "eos_token_id": 2,
            "dtype": "float32",
        },
    )
    write_tokenizer(read_pieces(source / "tok512.bin", vocabulary), target, context)


def read_pieces(path: Path, count: int) -> list[tuple[str, float]]:
    """The longest length, then of each piece its score, its length in bytes and the bytes."""
    raw = path.read_bytes()
    at = 4
    pieces = []
    for number in range(count):
        score, length = struct.unpack_from("<fi", raw, at)
        text = raw[at + 8 : at + 8 + length].decode()
        # The file has line ends around the names of the two specials.
        pieces.append((("<unk>", "<s>", "</s>")[number] if number < 3 else text.replace(" ", "\u2581"), score))
        at += 8 + length
    return pieces


def write_tokenizer(pieces: list[tuple[str, float]], target: Path, context: int) -> None:
    is_byte = [text.startswith("<0x") and len(text) == 6 for text, _ in pieces]
    proto = pb.ModelProto()
    for number, (text, score) in enumerate(pieces):
        kinds = pb.ModelProto.SentencePiece
        kind = kinds.UNKNOWN if number == 0 else kinds.CONTROL if number < 3 else kinds.BYTE if is_byte[number] else kinds.NORMAL
        proto.pieces.add(piece=text, score=score, type=kind)
    proto.trainer_spec.model_type = pb.TrainerSpec.BPE
    proto.trainer_spec.vocab_size = len(pieces)
    proto.trainer_spec.byte_fallback = True
    proto.normalizer_spec.name = "identity"
    proto.normalizer_spec.add_dummy_prefix = True
    proto.normalizer_spec.remove_extra_whitespaces = False
    (target / "tokenizer.model").write_bytes(proto.SerializeToString())

    vocabulary = {text: number for number, (text, _) in enumerate(pieces)}
    merges = [
        (-score, number, (text[:cut], text[cut:]))
        for number, (text, score) in enumerate(pieces)
        if number > 2 and not is_byte[number]
        for cut in range(1, len(text))
        if text[:cut] in vocabulary and text[cut:] in vocabulary
    ]
    core = Tokenizer(models.BPE(vocabulary, [pair for _, _, pair in sorted(merges)], unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    core.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    core.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(content=" ", left=1)]
    )
    core.add_special_tokens([AddedToken(text, special=True, normalized=False) for text, _ in pieces[:3]])
    core.save(str(target / "tokenizer.json"))
    write(
        target / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "unk_token": "<unk>",
            "add_bos_token": True,
            "model_max_length": context,
            "clean_up_tokenization_spaces": False,
        },
    )
    (target / "chat_template.jinja").write_text(CHAT_TEMPLATE, "utf-8")


def write(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
