"""The beginning that all rows share is read once, and nothing that is learned changes."""

import pytest
import torch
from conftest import Listed, chat_row, loop_options, run_job, tiny_model, write_rows
from transformers import Gemma2Config, Gemma2ForCausalLM, MistralConfig, MistralForCausalLM

from cogumi_engine import training
from cogumi_engine.attention import KERNEL
from cogumi_engine.batches import pad
from cogumi_engine.beginning import read_once, shared_beginning
from cogumi_engine.data import Batches
from cogumi_engine.losses import cross_entropy
from cogumi_engine.rows import Example, encode

SHAPE = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2}


def rows_behind(beginning, lengths):
    """Rows that share `beginning` tokens and learn the second half of what follows."""
    chance = torch.Generator().manual_seed(1)
    first = torch.randint(3, 60, (beginning,), generator=chance).tolist()
    rows = []
    for length in lengths:
        own = torch.randint(3, 60, (length,), generator=chance).tolist()
        learned = length // 2
        rows.append(Example(first + own, [0.0] * (beginning + length - learned) + [1.0] * learned))
    return rows


def test_it_ends_where_rows_differ_and_before_the_token_that_predicts_a_learned_one():
    def shared(*rows):
        return shared_beginning(Listed([Example(ids, weights) for ids, weights in rows]))

    assert shared(([1, 2, 3, 4, 5], [0, 0, 0, 0, 1.0]), ([1, 2, 9, 4], [0, 0, 0, 1.0])) == 2
    assert shared(([1, 2, 3, 4], [0, 0, 0, 1.0]), ([1, 2, 3, 5], [0, 0, 0, 1.0])) == 2, "the third predicts the fourth"
    assert shared(([1, 2, 3], [0, 1.0, 1.0]), ([1, 2, 3], [0, 0, 1.0])) == 0
    assert shared(([1, 2, 3], [1.0, 0, 1.0]), ([1, 2, 4], [1.0, 0, 1.0])) == 1, "nothing predicts the first token"
    assert shared(([1, 2], [0, 1.0]), ([3, 2], [0, 1.0])) == 0


def llama(tokenizer):
    return tiny_model(tokenizer)


def mistral(_):
    torch.manual_seed(0)
    return MistralForCausalLM(MistralConfig(vocab_size=64, sliding_window=7, initializer_range=0.3, **SHAPE))


def gemma2(_):
    torch.manual_seed(0)
    caps = {"attn_logit_softcapping": 2.0, "sliding_window": 7, "head_dim": 8, "query_pre_attn_scalar": 8, "pad_token_id": 0}
    return Gemma2ForCausalLM(Gemma2Config(vocab_size=64, initializer_range=0.5, **caps, **SHAPE))


@pytest.mark.parametrize("make", [llama, mistral, gemma2])
def test_losses_and_gradients_are_those_of_whole_rows(tokenizer, make):
    rows = rows_behind(5, [12, 4, 9, 2])
    assert shared_beginning(Listed(rows)) == 5
    results = []
    for batch in (pad(rows, 0), read_once(rows, 5, 0)):
        model = make(tokenizer).eval()
        model.set_attn_implementation(KERNEL)
        loss = cross_entropy(model, batch)
        loss.sum.backward()
        gradients = {name: value.grad for name, value in model.named_parameters()}
        results.append((loss.sum.detach(), loss.count, gradients))
    (wanted, count, wanted_gradients), (got, got_count, gradients) = results
    assert got_count == count == 13
    torch.testing.assert_close(got, wanted, atol=1e-4, rtol=1e-5)
    torch.testing.assert_close(gradients, wanted_gradients, atol=1e-4, rtol=1e-3)


def test_positions_go_on_behind_the_beginning():
    def example(*ids):
        return Example(ids, [0.0] * (len(ids) - 1) + [1.0])

    batch = read_once([example(1, 2, 3, 4), example(1, 2, 5, 6, 7)], 2, 0)
    assert batch.ids.tolist() == [[1, 2, 3, 4, 5, 6, 7]]
    assert batch.positions.tolist() == [[0, 1, 2, 3, 2, 3, 4]]
    assert batch.weights.tolist() == [[0, 0, 0, 1, 0, 0, 1]]


@pytest.mark.parametrize(("most", "passes"), [(None, 1), (30, 3), (4, 4)])
def test_a_pass_has_no_more_positions_than_its_bound(most, passes):
    rows = Listed(rows_behind(5, [12, 14, 19, 12]))
    options = loop_options(batchTokens=1000, microBatchTokens=most)
    data = Batches(rows=rows, options=options, padding=0, seed=1, device="cpu", beginning=5)
    step = next(data.steps())
    assert len(step.batches) == passes
    assert all(batch.ids.numel() <= (most or 1000) or batch.documents.max() == 1 for batch in step.batches), "a long row is alone"
    assert step.tokens == 77, "rows count whole"
    assert sum(batch.ids.numel() for batch in step.batches) == 57 + 5 * passes


def test_a_training_job_learns_the_same(model_folder, tmp_path, monkeypatch):
    rows = write_rows(tmp_path / "rows.jsonl", [chat_row(number) for number in range(60)])
    inputs = {"model": model_folder, "rows": rows, "validation": rows}
    found = []

    def seen(rows):
        found.append(shared_beginning(rows))
        return found[-1]

    monkeypatch.setattr(training, "shared_beginning", seen)
    once = run_job("train", inputs, tmp_path / "once").facts
    assert found[0] > 3, "the test is about something"
    monkeypatch.setattr(training, "shared_beginning", lambda _: 0)
    whole = run_job("train", inputs, tmp_path / "whole").facts
    assert once["validationLossBefore"] == pytest.approx(whole["validationLossBefore"], abs=1e-4)
    assert once["validationLossAfter"] == pytest.approx(whole["validationLossAfter"], abs=1e-3)


def test_rows_of_a_chat_share_what_the_template_writes_before_them(tokenizer):
    rows = [encode(tokenizer, {"question": question, "answer": "Yes."}, 0.0) for question in ("red?", "blue?")]
    shared = shared_beginning(Listed(rows))
    assert tokenizer.decode(rows[0].ids[:shared]).startswith("<|im_start|>")
