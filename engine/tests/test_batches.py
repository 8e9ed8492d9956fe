"""Which rows are learned together, and that being together changes no row's loss."""

import torch
from transformers import LlamaConfig, LlamaForCausalLM

from cogumi_engine.batches import batches_by_length, group_by_length, pack, pad, plan_epoch
from cogumi_engine.loop import token_losses
from cogumi_engine.rows import Example


def small_model() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=64,
        tie_word_embeddings=True,
        attn_implementation="sdpa",
    )
    return LlamaForCausalLM(config).eval()


def examples() -> list[Example]:
    chance = torch.Generator().manual_seed(1)
    lengths = [5, 9, 12, 7, 3, 20]
    rows = []
    for length in lengths:
        ids = torch.randint(3, 64, (length,), generator=chance).tolist()
        rows.append(Example(ids, [0.0] * (length // 2) + [1.0] * (length - length // 2)))
    return rows


def test_an_epoch_holds_each_row_once_and_no_step_is_too_long() -> None:
    lengths = [(number * 7) % 40 + 3 for number in range(500)]
    plan = plan_epoch(lengths, 200, seed=3, epoch=0)
    assert sorted(row for step in plan for row in step) == list(range(500))
    assert all(sum(lengths[row] for row in step) <= 200 for step in plan)
    assert plan == plan_epoch(lengths, 200, seed=3, epoch=0)
    assert plan != plan_epoch(lengths, 200, seed=3, epoch=1)


def test_groups_hold_a_step_whole_with_little_padding() -> None:
    lengths = [(number * 13) % 60 + 4 for number in range(64)]
    groups = group_by_length(list(range(64)), lengths, 2048)
    assert sorted(row for group in groups for row in group) == list(range(64))
    padded = sum(len(group) * max(lengths[row] for row in group) for group in groups)
    assert padded < 1.5 * sum(lengths)


def test_batches_without_training_stay_within_their_padded_size() -> None:
    lengths = [3, 50, 7, 20, 20, 21]
    batches = batches_by_length(lengths, 60)
    assert sorted(row for batch in batches for row in batch) == list(range(6))
    assert all(len(batch) * max(lengths[row] for row in batch) <= 60 for batch in batches)


def test_padded_and_packed_rows_have_the_losses_they_have_alone() -> None:
    model, rows = small_model(), examples()
    with torch.no_grad():
        alone = torch.cat([token_losses(model, pad([row], 0)) for row in rows])
        padded = token_losses(model, pad(rows, 0))
        packed = token_losses(model, pack(rows, 0, 24))
    torch.testing.assert_close(padded, alone, atol=1e-5, rtol=1e-5)
    # Packing fills gaps, so the order differs: the losses are the same numbers.
    torch.testing.assert_close(packed.sort().values, alone.sort().values, atol=1e-5, rtol=1e-5)


def test_the_first_token_of_a_packed_row_is_not_predicted_from_the_row_before() -> None:
    rows = [Example([5, 6, 7], [1.0, 1.0, 1.0]), Example([8, 9], [1.0, 1.0])]
    batch = pack(rows, 0, 8)
    assert batch.weights.tolist() == [[0.0, 1.0, 1.0, 0.0, 1.0]]
    assert batch.positions is not None and batch.positions.tolist() == [[0, 1, 2, 0, 1]]
