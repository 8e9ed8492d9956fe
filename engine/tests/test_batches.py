"""Which rows are learned together, and that packing changes nothing."""

import random

import pytest
import torch
from conftest import chat_row, text_row, tiny_model

from cogumi_engine.batches import attention_mask, batches_by_length, group_by_length, pack, pad, plan_epoch
from cogumi_engine.loop import token_losses
from cogumi_engine.rows import Example, encode


@pytest.fixture(scope="module")
def examples(tokenizer):
    rows = [chat_row(number) for number in range(12)] + [text_row(number) for number in range(4)]
    return [encode(tokenizer, row, 0.5) for row in rows]


def test_the_mask_lets_a_token_see_its_own_row_up_to_itself():
    documents = torch.tensor([[0, 0, 0, 1, 1, 2, -1, -1]])
    mask = attention_mask(documents, torch.float32)[0, 0]
    for query in range(8):  # the slow obvious twin
        for key in range(8):
            allowed = key <= query and documents[0, query] == documents[0, key]
            assert (mask[query, key] == 0) == bool(allowed)


def test_packed_rows_have_the_losses_of_rows_alone(tokenizer, examples):
    model = tiny_model(tokenizer)
    packed = pack(examples, tokenizer.pad_token_id, 128)
    assert packed.ids.shape[0] < len(examples)
    losses = sorted(token_losses(model, packed).tolist())
    alone = sorted(loss for one in examples for loss in token_losses(model, pad([one], 0)).tolist())
    assert losses == pytest.approx(alone, abs=2e-5)


def test_packed_rows_have_the_gradients_of_padded_rows(tokenizer, examples):
    gradients = []
    for batch in (pack(examples, tokenizer.pad_token_id, 128), pad(examples, tokenizer.pad_token_id)):
        model = tiny_model(tokenizer)
        token_losses(model, batch).mean().backward()
        gradients.append(torch.cat([value.grad.flatten() for value in model.parameters()]))
    assert torch.allclose(*gradients, atol=1e-6)


def test_packing_holds_in_bf16_autocast(tokenizer, examples):
    model = tiny_model(tokenizer)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        packed = token_losses(model, pack(examples, tokenizer.pad_token_id, 128)).mean()
    padded = token_losses(model, pad(examples, tokenizer.pad_token_id)).mean()
    assert packed.item() == pytest.approx(padded.item(), abs=0.02)


def test_an_epoch_has_every_row_once_within_the_budget_and_in_an_order_of_its_own():
    lengths = [random.Random(0).randint(3, 90) for _ in range(300)]
    first, again, next_epoch = (plan_epoch(lengths, 400, 1, epoch) for epoch in (0, 0, 1))
    assert sorted(row for step in first for row in step) == list(range(300))
    assert all(sum(lengths[row] for row in step) <= 400 for step in first)
    assert first == again != next_epoch


def test_a_row_longer_than_a_step_is_a_step_alone():
    assert sorted(map(sorted, plan_epoch([5, 50, 5], 20, 0, 0))) in ([[0, 2], [1]], [[0], [1], [2]])


def test_groups_keep_every_row_and_pad_little():
    generator = random.Random(1)
    lengths = [generator.randint(10, 200) for _ in range(100)]
    rows = list(range(100))
    groups = group_by_length(rows, lengths, sum(lengths))
    assert sorted(row for group in groups for row in group) == rows
    padding = sum(max(lengths[row] for row in group) * len(group) for group in groups) - sum(lengths)
    assert padding < 0.4 * (max(lengths) * 100 - sum(lengths))  # what one group of all would pad


def test_batches_without_training_stay_within_the_budget():
    lengths = [7, 30, 12, 30, 5, 90]
    batches = batches_by_length(lengths, 64)
    assert sorted(row for batch in batches for row in batch) == list(range(6))
    assert all(len(batch) == 1 or max(lengths[row] for row in batch) * len(batch) <= 64 for batch in batches)


def test_padding_weighs_nothing():
    batch = pad([Example([1, 2, 3], [0.0, 1.0, 1.0]), Example([4, 5], [0.0, 1.0])], 9)
    assert batch.ids.tolist() == [[1, 2, 3], [4, 5, 9]]
    assert batch.weights.tolist() == [[0, 1, 1], [0, 1, 0]]
