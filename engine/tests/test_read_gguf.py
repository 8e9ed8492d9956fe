"""GGUF files back to model folders: the model that was exported, its ids and its chat template."""

import json
import random

import pytest
import torch
from conftest import ROOT, llama_source, run_job, shared_data
from safetensors.torch import load_file
from transformers import AutoTokenizer

from cogumi_engine.errors import JobError
from cogumi_engine.gguf_tokenizer import CONTROL, PRE_TOKENIZERS, Vocabulary, write_tokenizer

# Scripts, digits, spaces, line ends, signs, contractions and special tokens inside of text.
TEXTS = [
    "The capital of France is 123, it's 4.5e-6 or 1,000,000.",
    "  two  spaces\n\n\tand tabs \r\n and a trailing one ",
    "naïve café ÀÉÎ ﬁ 你好，世界 ฉันชอบ Привет مرحبا 👩‍👩‍👧 🇫🇷",
    "def f(x):\n    return x**2 != 5 and 'a'\"b\"\\n",
    "I'LL WE'VE don't <|im_start|>user\nhi<|im_end|>",
    "",
    " ",
    "\u2581 \u200b\u00a0\ufeff",
]


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    path = tmp_path_factory.mktemp("texts") / "texts.json"
    path.write_text(json.dumps(TEXTS))
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory, texts):
    """The seedling, exported in bf16 and read back."""
    llama_source()
    folder = tmp_path_factory.mktemp("gguf")
    given = {"model": ROOT / "models/seedling"}
    assert run_job("export", given, folder / "out", type="bf16", preTokenizer="smollm").last["event"] == "done"
    return run_job("read-gguf", {"gguf": folder / "out/model.gguf", "texts": texts}, folder / "back"), folder / "back"


def test_weights_and_config_come_back(made):
    ran, folder = made
    whole, own = load_file(ROOT / "models/seedling/model.safetensors"), load_file(folder / "model.safetensors")
    assert whole.keys() == own.keys() and all(torch.equal(own[name], value.to(torch.bfloat16)) for name, value in whole.items())
    config, given = (json.loads((place / "config.json").read_text()) for place in (folder, ROOT / "models/seedling"))
    assert config["rms_norm_eps"] == given["rms_norm_eps"], "the shortest number that is the same in f32"
    assert ran.facts["types"] == ["BF16"] and ran.facts["architecture"] == "LlamaForCausalLM"


def test_ids_and_chat_come_back(made):
    _, folder = made
    own, given = AutoTokenizer.from_pretrained(folder), AutoTokenizer.from_pretrained(ROOT / "models/seedling")
    letters = random.Random(1)
    noise = ["".join(chr(letters.choice([*range(32, 127), *range(0xA0, 0x500), 10])) for _ in range(40)) for _ in range(300)]
    for text in [*TEXTS, *noise]:
        assert own.encode(text, add_special_tokens=False) == given.encode(text, add_special_tokens=False), text
    lines = (folder / "work/ids.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [given.encode(text, add_special_tokens=False) for text in TEXTS]
    assert own.eos_token == given.eos_token and own.decode(own.encode(TEXTS[2], add_special_tokens=False)) == TEXTS[2]
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]
    assert own.apply_chat_template(turns, tokenize=False) == given.apply_chat_template(turns, tokenize=False)


def test_a_sentencepiece_model_of_somebody_else_reads_and_decodes_every_text(texts, tmp_path):
    llama_source()
    gguf = shared_data() / "models/llama-2-tiny-random/llama-2-tiny-random.gguf"
    ran = run_job("read-gguf", {"gguf": gguf, "texts": texts}, tmp_path / "out")
    assert ran.facts["architecture"] == "LlamaForCausalLM"
    own = AutoTokenizer.from_pretrained(tmp_path / "out")
    assert (tmp_path / "out/tokenizer.model").exists(), "llama.cpp's converter reads it"
    for text in TEXTS[:4]:
        assert own.decode(own.encode(text, add_special_tokens=False), skip_special_tokens=True) == text


@pytest.mark.parametrize(("damage", "code"), [(lambda data: data[:300], "MODEL_CORRUPT"), (lambda _: b"GGUF", "MODEL_CORRUPT")])
def test_a_file_that_is_cut_off_is_refused(made, texts, tmp_path, damage, code):
    source = made[1].parent / "out/model.gguf"
    (tmp_path / "model.gguf").write_bytes(damage(source.read_bytes()))
    assert "model.gguf" in run_job("read-gguf", {"gguf": tmp_path / "model.gguf", "texts": texts}, tmp_path / "out").refused(code)


def test_weights_that_are_no_numbers_are_refused_by_name(made, texts, tmp_path):
    source = made[1].parent / "out/model.gguf"
    data = bytearray(source.read_bytes())
    # The last tensor's last value, in bf16.
    data[-2:] = (0x7FC0).to_bytes(2, "little")
    (tmp_path / "model.gguf").write_bytes(data)
    message = run_job("read-gguf", {"gguf": tmp_path / "model.gguf", "texts": texts}, tmp_path / "out").refused("NOT_FINITE")
    assert "model.gguf holds values that are not finite" in message


def vocabulary(**changes):
    fields = {"model": "gpt2", "pre": "smollm", "tokens": ["a", "b", "ab", "<end>"], "token_type": [1, 1, 1, CONTROL]}
    fields = {
        f"tokenizer.ggml.{name}": value for name, value in {**fields, "merges": ["a b"], "eos_token_id": 3, **changes}.items()
    }
    return Vocabulary(fields.get)


@pytest.mark.parametrize("change", [{"pre": "deepseek-coder"}, {"model": "bert"}, {"tokens": None}])
def test_a_tokenizer_that_cannot_be_rebuilt_exactly_is_refused_by_name(tmp_path, change):
    with pytest.raises(JobError) as error:
        write_tokenizer(vocabulary(**change), tmp_path)
    assert error.value.code == "TOKENIZER_UNKNOWN"
    assert str(next(iter(change.values())) or "no tokenizer") in error.value.message


@pytest.mark.parametrize(("pre", "pieces"), [("llama-bpe", 1), ("qwen2", 3), ("smollm", 3), ("gpt-2", 1)])
def test_pre_tokenizers_cut_numbers_as_their_models_do(pre, pieces):
    steps = PRE_TOKENIZERS[pre]()
    cut = [("123", (0, 3))]
    for step in steps:
        cut = [piece for text, _ in cut for piece in step.pre_tokenize_str(text)]
    assert len(cut) == pieces
