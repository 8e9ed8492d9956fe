"""GGUF files read in one go: what the library's own reader says of them, and nothing of a file that is cut off."""

import pytest
from conftest import ROOT, llama_source, run_job, shared_data

from cogumi_engine import converter
from cogumi_engine.gguf_file import known_to_transformers, open_gguf


@pytest.fixture(scope="module", params=["byte-level", "sentencepiece"])
def path(request, tmp_path_factory):
    llama_source()
    if request.param == "sentencepiece":
        return shared_data() / "models/llama-2-tiny-random/llama-2-tiny-random.gguf"
    folder = tmp_path_factory.mktemp("gguf")
    run_job("export", {"model": ROOT / "models/seedling"}, folder, type="bf16", preTokenizer="smollm")
    return folder / "model.gguf"


def test_fields_and_tensors_are_those_of_the_library(path):
    own, library = open_gguf(path), converter.load("gguf").GGUFReader(path)
    assert list(own.fields) == list(library.fields)
    for name, field in library.fields.items():
        assert own.fields[name].contents() == field.contents(), name
        assert own.fields[name].types == field.types, name
    assert [(tensor.name, tensor.data_offset) for tensor in own.tensors] == [(t.name, t.data_offset) for t in library.tensors]
    assert all((tensor.data == whole.data).all() for tensor, whole in zip(own.tensors, library.tensors, strict=True))


def test_a_file_that_ends_inside_a_list_is_refused(path, tmp_path):
    fields = open_gguf(path).fields
    data = path.read_bytes()
    for name in ("tokenizer.ggml.tokens", "tokenizer.ggml.token_type"):
        field = fields[name]
        # Before the list's length, and inside of its values.
        for at in (field.offset + 8 + len(name) + 6, field.offset + 8 + len(name) + 4 + 12 + 101):
            (tmp_path / "cut.gguf").write_bytes(data[:at])
            with pytest.raises((ValueError, IndexError)):
                open_gguf(tmp_path / "cut.gguf")


def test_transformers_gets_the_open_file_with_the_count_of_its_tokens(path):
    gguf, reader = converter.load("gguf"), open_gguf(path)
    library = gguf.GGUFReader
    with known_to_transformers(reader):
        shown = gguf.GGUFReader("any path").fields
        assert "tokenizer.ggml.tokens" not in shown and shown["tokenizer.ggml.eos_token_id"].contents() >= 0
        assert shown["llama.vocab_size"].contents() == len(reader.fields["tokenizer.ggml.tokens"].contents())
    assert gguf.GGUFReader is library
    assert "tokenizer.ggml.tokens" in reader.fields, "the reader keeps them"
