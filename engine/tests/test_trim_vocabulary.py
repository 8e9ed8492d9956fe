"""Trimming a vocabulary: what stays reads as before, and every text can still be written."""

import json

import pytest
import torch
from conftest import Ran, chat_row, edit_json, llama_source, run_job, tiny_model, write_job, write_rows
from fuzzed_texts import fuzzed_texts
from sentencepiece import SentencePieceProcessor
from test_loop import kill_after_a_checkpoint, result_bytes
from tokenizers import AddedToken, Tokenizer

from cogumi_engine.bpe_vocabulary import BpeVocabulary, Kept, trim_protobuf
from cogumi_engine.gguf_tokenizer import Vocabulary, write_tokenizer
from cogumi_engine.models import load_model, load_tokenizer
from cogumi_engine.pre_tokenizer import write_pre_tokenizer


@pytest.fixture(params=[True, False], ids=["tied", "untied"])
def folder(request, tmp_path, tokenizer):
    llama_source()
    model = tiny_model(tokenizer, 3, tie_word_embeddings=request.param)
    model.to(torch.bfloat16).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def inputs(folder, tmp_path):
    rows = write_rows(tmp_path / "train.jsonl", [chat_row(number) for number in range(40)])
    held_out = write_rows(tmp_path / "validation.jsonl", [chat_row(number) for number in range(40, 60)])
    return {"model": folder, "rows": rows, "heldOut": held_out}


def test_tokens_that_stay_keep_their_rows_and_everything_is_read_as_before(inputs, tmp_path, tokenizer):
    facts = run_job("trim-vocabulary", inputs, tmp_path / "out", coverage=0.9).facts
    assert 259 < facts["vocabulary"] < facts["vocabularyBefore"] == len(tokenizer)
    assert facts["coverage"] >= 0.9
    assert facts["roundTrips"] == facts["texts"] == 20
    assert facts["logitError"] < 1e-6
    before, after = load_model(inputs["model"]), load_model(tmp_path / "out")
    kept = json.loads((tmp_path / "out/kept.json").read_text())
    assert torch.equal(after.get_input_embeddings().weight, before.get_input_embeddings().weight[kept])
    assert torch.equal(after.get_output_embeddings().weight, before.get_output_embeddings().weight[kept])
    trimmed = load_tokenizer(tmp_path / "out")
    assert (after.config.vocab_size, len(trimmed)) == (facts["vocabulary"], facts["vocabulary"])
    assert (after.config.eos_token_id, after.config.bos_token_id) == (trimmed.eos_token_id, trimmed.bos_token_id)


def test_everything_the_rows_hold_costs_nothing(inputs, tmp_path):
    facts = run_job("trim-vocabulary", inputs, tmp_path / "out", coverage=1).facts
    assert facts["coverage"] == 1
    assert facts["keptTexts"] == facts["sameTokens"] == 20
    assert facts["bitsPerByte"] == pytest.approx(facts["bitsPerByteBefore"], rel=0.05)


def test_any_text_comes_back_and_kept_tokens_map_one_to_one(inputs, tmp_path):
    run_job("trim-vocabulary", inputs, tmp_path / "out", size=300)
    old, new = load_tokenizer(inputs["model"]), load_tokenizer(tmp_path / "out")
    places = Kept(json.loads((tmp_path / "out/kept.json").read_text())).places()
    mapped = 0
    for text in fuzzed_texts(500, 1):
        before, after = old.encode(text, add_special_tokens=False), new.encode(text, add_special_tokens=False)
        assert new.decode(after) == old.decode(before)
        if all(number in places for number in before):
            mapped += 1
            assert after == [places[number] for number in before]
    assert mapped > 20


def test_the_curve_rises_with_the_size_and_ends_with_everything(inputs, tmp_path, tokenizer):
    run_job("trim-vocabulary", inputs, tmp_path / "out", size=320)
    points = json.loads((tmp_path / "out/curve.json").read_text())
    sizes, coverage = [point["size"] for point in points], [point["coverage"] for point in points]
    assert sizes == sorted(sizes) and coverage == sorted(coverage)
    assert (sizes[-1], coverage[-1]) == (len(tokenizer), 1)
    assert points[0]["sources"].keys() == {chat_row(number)["domain"] for number in range(2)}


def test_a_size_below_what_every_text_needs_is_refused_with_both_numbers(inputs, tmp_path):
    ran = run_job("trim-vocabulary", inputs, tmp_path / "out", size=100)
    assert "is 100" in ran.refused("VOCABULARY_TOO_SMALL") and "need 2" in ran.last["message"]


def test_the_exported_file_splits_words_as_the_whole_tokenizer_does(inputs, tmp_path):
    write_pre_tokenizer(inputs["model"], "smollm")
    run_job("trim-vocabulary", inputs, tmp_path / "out", size=300)
    run_job("export", {"model": tmp_path / "out"}, tmp_path / "gguf", preTokenizer=None)
    from gguf import GGUFReader

    fields = GGUFReader(tmp_path / "gguf/model.gguf").fields
    assert fields["tokenizer.ggml.pre"].contents() == "smollm"
    assert 290 < len(fields["tokenizer.ggml.tokens"].data) <= 300


def merged(pieces, merges, **changes):
    vocabulary = {piece: number for number, piece in enumerate(pieces)}
    model = {"type": "BPE", "vocab": vocabulary, "merges": merges, "dropout": None, "unk_token": None, **changes}
    return json.dumps({"version": "1.0", "added_tokens": [], "model": model, "post_processor": None})


def test_what_merging_goes_through_stays_with_a_token():
    text = merged([*"abcd", "ab", "cd", "abcd", "bc"], ["b c", "a b", "c d", "ab cd"])
    vocabulary = BpeVocabulary(text)
    # "abcd" is never made: "bc" is merged first, and nothing takes it further.
    assert vocabulary.closed([6]) == {6}
    text = merged([*"abcd", "ab", "cd", "abcd", "bc"], ["a b", "b c", "c d", "ab cd"])
    assert BpeVocabulary(text).closed([6]) == {0, 1, 2, 3, 4, 5, 6}


def test_a_missing_merge_would_be_seen():
    """The control: without the closure a token that stays is no longer reached."""
    text = merged([*"abcd", "ab", "cd", "abcd"], ["a b", "c d", "ab cd"])
    vocabulary = BpeVocabulary(text)
    whole = Tokenizer.from_str(vocabulary.trimmed(Kept(sorted(vocabulary.closed([6])))))
    broken = Tokenizer.from_str(vocabulary.trimmed(Kept([0, 1, 2, 3, 5, 6])))
    assert (whole.encode("abcd").tokens, broken.encode("abcd").tokens) == (["abcd"], ["a", "b", "cd"])


def test_a_tokenizer_that_is_no_bpe_is_refused_by_kind():
    with pytest.raises(Exception, match="of the kind Unigram"):
        BpeVocabulary(json.dumps({"model": {"type": "Unigram"}}))


@pytest.fixture
def sentencepiece(tmp_path):
    """A small SentencePiece tokenizer, as a GGUF file holds it."""
    words = [
        "\u2581",
        *"abcdefghijklmnopqrstuvwxyz",
        "th",
        "he",
        "the",
        "\u2581the",
        "in",
        "ing",
        "ca",
        "cat",
        "\u2581cat",
        "at",
        "dog",
    ]
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{number:02X}>" for number in range(256)), *words]
    fields = {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": pieces,
        "tokenizer.ggml.token_type": [2, 3, 3, *[6] * 256, *[1] * len(words)],
        "tokenizer.ggml.scores": [0.0] * 259 + [-float(number) for number in range(len(words))],
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
        "tokenizer.chat_template": "{% for message in messages %}{{ message['content'] }}{% endfor %}",
    }
    write_tokenizer(Vocabulary(fields.get), tmp_path)
    return tmp_path


def test_marks_that_stand_in_no_protobuf_are_control_tokens_of_the_exported_file(sentencepiece, inputs, tmp_path):
    """As ChatML's on Llama 2; one beyond the embedding, as Gemma 3's image token, is left out."""
    tokenizer = load_tokenizer(sentencepiece)
    mark, beyond = (AddedToken(piece, special=True, normalized=False) for piece in ("<|im_start|>", "<image>"))
    tokenizer.add_tokens([mark], special_tokens=True)
    rows = len(tokenizer)
    tokenizer.add_tokens([beyond], special_tokens=True)
    tokenizer.save_pretrained(sentencepiece)
    tiny_model(tokenizer, 3, vocab_size=rows).to(torch.bfloat16).save_pretrained(sentencepiece)
    facts = run_job("trim-vocabulary", {**inputs, "model": sentencepiece}, tmp_path / "out", coverage=0.5).facts
    assert facts["vocabulary"] < facts["vocabularyBefore"] == rows
    run_job("export", {"model": tmp_path / "out"}, tmp_path / "gguf", preTokenizer=None)
    from gguf import GGUFReader

    fields = GGUFReader(tmp_path / "gguf/model.gguf").fields
    pieces = fields["tokenizer.ggml.tokens"].contents()
    assert fields["tokenizer.ggml.token_type"].contents()[pieces.index("<|im_start|>")] == 3
    assert "<image>" not in pieces and not any(piece.startswith("[PAD") for piece in pieces)


def test_without_a_held_out_text_nothing_is_trimmed(inputs, tmp_path):
    inputs["heldOut"].write_text("")
    assert "holds no text to measure" in run_job("trim-vocabulary", inputs, tmp_path / "out").refused("ROWS_EMPTY")


def test_sentencepiece_keeps_pieces_scores_and_ids_in_both_files(sentencepiece):
    whole = Tokenizer.from_file(str(sentencepiece / "tokenizer.json"))
    vocabulary = BpeVocabulary(whole.to_str())
    wanted = {whole.token_to_id(piece) for piece in ("\u2581cat", "the", "\u2581", *"acehst")}
    kept = Kept(sorted(vocabulary.closed(wanted | vocabulary.indispensable(["<s>", "</s>"]))))
    assert len(kept.ids) < len(vocabulary.pieces)
    trimmed = Tokenizer.from_str(vocabulary.trimmed(kept))
    own = SentencePieceProcessor()
    own.LoadFromSerializedProto(trim_protobuf((sentencepiece / "tokenizer.model").read_bytes(), kept))
    places = kept.places()
    for text in ["the cat", "that cat sat", "a dog in the tree", "étage 日本 🦙", "zzz"]:
        before, after = whole.encode(text, add_special_tokens=False).ids, trimmed.encode(text, add_special_tokens=False).ids
        assert after == own.EncodeAsIds(text)
        assert trimmed.decode(after) == whole.decode(before)
        if all(number in places for number in before):
            assert after == [places[number] for number in before]
    assert (own.unk_id(), own.bos_id(), own.eos_id()) == (places[0], places[1], places[2])


def test_a_byte_level_tokenizer_of_phi_stays_one_for_the_converter(inputs, tokenizer, tmp_path):
    """Phi-4: llama.cpp's converter takes a Phi without this class for SentencePiece and asks for `tokenizer.model`."""
    from transformers import Phi3Config, Phi3ForCausalLM

    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    words = {"vocab_size": len(tokenizer), "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    folder = tmp_path / "phi"
    Phi3ForCausalLM(Phi3Config(**shape, **words, sliding_window=None)).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    edit_json(folder / "tokenizer_config.json", tokenizer_class="GPT2Tokenizer")
    write_pre_tokenizer(folder, "smollm")
    facts = run_job("trim-vocabulary", {**inputs, "model": folder}, tmp_path / "out", size=300).facts
    assert facts["roundTrips"] == facts["texts"]
    assert facts["sameTokens"] == facts["keptTexts"]
    llama_source()
    assert run_job("export", {"model": tmp_path / "out"}, tmp_path / "gguf", preTokenizer=None).facts["bytes"] > 0


@pytest.mark.parametrize("decay", [0, 0.1])
def test_only_embeddings_of_tokens_that_took_over_learn_and_stay_when_they_help(decay, inputs, tmp_path):
    facts = run_job("trim-vocabulary", inputs, tmp_path / "out", size=300, tuneSteps=12, weightDecay=decay).facts
    assert facts["tuned"] and 0 < facts["tunedTokens"] < facts["vocabulary"]
    assert facts["bitsPerByte"] < facts["bitsPerByteTrimmed"]
    before, after = load_model(inputs["model"]).state_dict(), load_model(tmp_path / "out").state_dict()
    kept = json.loads((tmp_path / "out/kept.json").read_text())
    tables = {"model.embed_tokens.weight", "lm_head.weight"}
    for name in tables:
        changed = (after[name] != before[name][kept]).any(1)
        assert 0 < int(changed.sum()) <= facts["tunedTokens"]
    assert all(torch.equal(after[name], before[name]) for name in before if name not in tables)
    losses = [json.loads(line) for line in (tmp_path / "out/losses.jsonl").read_text().splitlines()]
    assert losses[-1]["step"] == 12


def test_a_row_whose_token_does_not_stand_in_a_step_moves_little(inputs, tmp_path):
    """Every row has a gradient by the softmax, and Adam alone would move all of them alike."""
    options = {"size": 300, "tuneSteps": 1, "batchTokens": 64, "learningRate": 0.1}
    facts = run_job("trim-vocabulary", inputs, tmp_path / "out", **options).facts
    assert facts["tuned"]
    kept = json.loads((tmp_path / "out/kept.json").read_text())
    before, after = load_model(inputs["model"]), load_model(tmp_path / "out")
    moved = (after.get_output_embeddings().weight - before.get_output_embeddings().weight[kept]).norm(dim=1)
    moved = moved[moved > 0].sort().values
    assert moved[-1] > 4 * moved[len(moved) // 2]


@pytest.mark.parametrize("rate", [30.0, 1e9])
def test_what_was_learned_for_the_worse_is_not_kept(rate, inputs, tmp_path):
    facts = run_job("trim-vocabulary", inputs, tmp_path / "out", size=300, tuneSteps=3, learningRate=rate).facts
    assert (facts["tuned"], facts["tunedTokens"]) == (False, 0)
    assert facts["bitsPerByte"] == facts["bitsPerByteTrimmed"]
    untuned = run_job("trim-vocabulary", inputs, tmp_path / "untuned", size=300).facts
    assert facts["bitsPerByte"] == untuned["bitsPerByte"]
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("out", "untuned")]
    assert weights[0] == weights[1]


def test_a_killed_job_ends_with_the_bytes_of_an_unkilled_one(inputs, tmp_path):
    options = {"size": 300, "tuneSteps": 60, "checkpointEverySteps": 7}
    unkilled = run_job("trim-vocabulary", inputs, tmp_path / "unkilled", **options)
    job = write_job("trim-vocabulary", inputs, tmp_path / "killed", **options)
    kill_after_a_checkpoint(job, tmp_path / "killed/checkpoint/state.pt")
    assert Ran(job).facts == unkilled.facts
    assert result_bytes(tmp_path / "killed") == result_bytes(tmp_path / "unkilled")


def test_a_size_is_chosen_as_small_as_the_bits_per_byte_allow(inputs, tmp_path):
    """The more they may rise, the fewer tokens; every size that was tried is told, with what it costs before tuning."""
    facts = {
        limit: run_job("trim-vocabulary", inputs, tmp_path / str(limit), coverage=0.8, bitsPerByte=limit, proofRows=8).facts
        for limit in (100, 1e-6)
    }
    assert [len(facts[limit]["tried"]) for limit in facts] == [1, 4]
    assert facts[100]["vocabulary"] < facts[1e-6]["vocabulary"]
    for one in facts.values():
        assert [trial["size"] for trial in one["tried"]] == sorted(trial["size"] for trial in one["tried"])
        last = one["tried"][-1]
        assert last["size"] == one["vocabulary"] and last["coverage"] == one["coverage"]
        assert last["bitsPerByte"] == pytest.approx(one["bitsPerByte"] / one["bitsPerByteBefore"], rel=1e-5)


def test_places_that_were_kept_free_go_unless_something_names_them(inputs, tmp_path):
    """Gemma 3 has 6,242 of them, which no text of the rows holds."""
    tokenizer = load_tokenizer(inputs["model"])
    free = [AddedToken(f"<unused{number}>", special=True, normalized=False) for number in range(20)]
    pair = [AddedToken(f"<side{number}>", special=True, normalized=False) for number in range(2)]
    tokenizer.add_tokens([*free, *pair], special_tokens=True)
    tokenizer.chat_template = tokenizer.chat_template.replace("<|im_end|>", "<unused3><|im_end|>")
    tokenizer.save_pretrained(inputs["model"])
    tiny_model(tokenizer, 3).to(torch.bfloat16).save_pretrained(inputs["model"])
    rows = [json.loads(line) for line in inputs["rows"].read_text().splitlines()]
    write_rows(inputs["rows"], [*rows, chat_row(3) | {"answer": "<unused7>" * 50}])
    facts = run_job("trim-vocabulary", inputs, tmp_path / "out", coverage=0.5).facts
    assert facts["roundTrips"] == facts["texts"]
    kept = set(load_tokenizer(tmp_path / "out").get_vocab())
    assert [number for number in range(20) if f"<unused{number}>" in kept] == [3, 7]
    assert {"<side0>", "<side1>"} <= kept
    # A place that went is text as any other.
    text = "before <unused5> behind"
    trimmed = load_tokenizer(tmp_path / "out")
    assert trimmed.decode(trimmed.encode(text, add_special_tokens=False)) == text
