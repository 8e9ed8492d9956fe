"""Which rows form a step and a batch, and that sharing a batch changes no row's loss."""

import pytest
import torch
from conftest import Listed, chat_row, lines_of, loop_options, text_row, tiny_model
from transformers import LlamaConfig, LlamaForCausalLM

from cogumi_engine.attention import KERNEL
from cogumi_engine.batches import cut_to_fit, group_by_length, pack, pad, plan_epoch
from cogumi_engine.data import Batches
from cogumi_engine.losses import token_losses
from cogumi_engine.rows import Example, encode


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
        attn_implementation=KERNEL,
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
    as_they_stand = plan_epoch(lengths, 200, seed=3, epoch=1, shuffle=False)
    assert [row for step in as_they_stand for row in step] == list(range(len(lengths)))


def test_groups_hold_a_step_whole_with_little_padding() -> None:
    lengths = [(number * 13) % 60 + 4 for number in range(64)]
    groups = group_by_length(list(range(64)), lengths, 2048)
    assert sorted(row for group in groups for row in group) == list(range(64))
    padded = sum(len(group) * max(lengths[row] for row in group) for group in groups)
    assert padded < 1.5 * sum(lengths)


def test_rows_are_cut_where_their_padded_size_would_pass_the_limit() -> None:
    def cut(lengths: list[int], most: int) -> list[list[int]]:
        return [lengths[part] for part in cut_to_fit(lengths, most)]

    assert cut([3, 7, 20, 20, 21, 50], 45) == [[3, 7], [20, 20], [21], [50]], "50 is longer than the limit"
    assert cut([20, 3, 7, 2], 60) == [[20, 3, 7], [2]], "the longest row counts, wherever it is"
    assert cut([3, 50, 7], 1000) == [[3, 50, 7]]
    assert cut([], 10) == []


@pytest.mark.parametrize("batching", ["group", "pack"])
@pytest.mark.parametrize(
    ("lengths", "options"),
    [
        ([10] * 200 + [512], {"batchTokens": 8192}),
        ([20] * 25 + [512] + [20] * 25, {"batchTokens": 2048}),
        ([300] * 12, {"batchTokens": 2048}),
        ([10] * 200 + [512], {"batchTokens": 8192, "microBatchTokens": 128}),
        ([100, 30, 60, 90, 20, 120] * 20, {"batchTokens": 4096, "microBatchTokens": 400}),
        ([500] * 4, {"batchTokens": 300}),
    ],
)
def test_no_pass_has_more_positions_than_its_bound(batching: str, lengths: list[int], options: dict[str, int]) -> None:
    rows = Listed([Example([row + 1] * length, [1.0] * length) for row, length in enumerate(lengths)])
    loop = loop_options(maxRowTokens=512, batching=batching, **options)
    most = options.get("microBatchTokens", options["batchTokens"])
    for world_size in (1, 3):
        seen: list[int] = []
        for rank in range(world_size):
            data = Batches(rows=rows, options=loop, padding=0, seed=1, device="cpu", rank=rank, world_size=world_size)
            for batch in data.once():
                held = [row - 1 for row in batch.ids.unique().tolist() if row > 0]
                assert batch.ids.numel() <= most or len(held) == 1, f"{batch.ids.numel()} positions for {len(held)} rows"
                seen += held
        assert sorted(seen) == list(range(len(lengths)))


def test_padded_and_packed_rows_have_the_losses_of_single_rows() -> None:
    model, rows = small_model(), examples()
    with torch.no_grad():
        single = torch.cat([token_losses(model, pad([row], 0)) for row in rows])
        padded = token_losses(model, pad(rows, 0))
        packed = token_losses(model, pack(lines_of(rows, 24), 0))
    torch.testing.assert_close(padded, single, atol=1e-5, rtol=1e-5)
    # Packing fills gaps, so the order differs: the losses are the same numbers.
    torch.testing.assert_close(packed.sort().values, single.sort().values, atol=1e-5, rtol=1e-5)


def test_the_first_token_of_a_packed_row_is_not_predicted_from_the_row_before() -> None:
    rows = [Example([5, 6, 7], [1.0, 1.0, 1.0]), Example([8, 9], [1.0, 1.0])]
    batch = pack(lines_of(rows, 8), 0)
    assert batch.weights.tolist() == [[0.0, 1.0, 1.0, 0.0, 1.0]]
    assert batch.positions is not None and batch.positions.tolist() == [[0, 1, 2, 0, 1]]


@pytest.fixture(scope="module")
def chats(tokenizer):
    rows = [chat_row(number) for number in range(12)] + [text_row(number) for number in range(4)]
    return [encode(tokenizer, row, 0.5) for row in rows]


def test_packed_rows_have_the_gradients_of_padded_rows(tokenizer, chats):
    gradients = []
    for batch in (pack(lines_of(chats, 128), tokenizer.pad_token_id), pad(chats, tokenizer.pad_token_id)):
        model = tiny_model(tokenizer)
        token_losses(model, batch).mean().backward()
        gradients.append(torch.cat([value.grad.flatten() for value in model.parameters()]))
    assert torch.allclose(*gradients, atol=1e-6)


def test_packed_rows_have_their_own_positions_and_numbers():
    rows = [Example([1, 2, 3], [1.0] * 3), Example([4, 5, 6, 7], [1.0] * 4), Example([8, 9], [0.5] * 2)]
    batch = pack(lines_of(rows, 6), 0)  # the third fits behind the first
    assert batch.ids.tolist() == [[1, 2, 3, 8, 9], [4, 5, 6, 7, 0]]
    assert batch.positions.tolist() == [[0, 1, 2, 0, 1], [0, 1, 2, 3, 0]]
    assert batch.documents.tolist() == [[0, 0, 0, 1, 1], [0, 0, 0, 0, -1]]
    assert batch.weights.tolist() == [[0, 1, 1, 0, 0.5], [0, 1, 1, 1, 0]], "nothing predicts the first token of a row"


def test_packing_holds_in_bf16_autocast(tokenizer, chats):
    model = tiny_model(tokenizer)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        packed = token_losses(model, pack(lines_of(chats, 128), tokenizer.pad_token_id)).mean()
    padded = token_losses(model, pad(chats, tokenizer.pad_token_id)).mean()
    assert packed.item() == pytest.approx(padded.item(), abs=0.02)


def test_a_row_longer_than_a_step_is_a_step_alone():
    assert sorted(map(sorted, plan_epoch([5, 50, 5], 20, 0, 0))) in ([[0, 2], [1]], [[0], [1], [2]])


def test_padding_weighs_nothing():
    batch = pad([Example([1, 2, 3], [0.0, 1.0, 1.0]), Example([4, 5], [0.0, 1.0])], 9)
    assert batch.ids.tolist() == [[1, 2, 3], [4, 5, 9]]
    assert batch.weights.tolist() == [[0, 1, 1], [0, 1, 0]]
