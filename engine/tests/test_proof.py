"""The measures by which models are compared, against obvious computations of the same."""

import math

import pytest
import torch
from conftest import tiny_model

from cogumi_engine.proof import MOST_LOGITS, Probe, agreement, divergence, round_at_random


def test_logits_are_those_of_the_kept_positions(tokenizer):
    model = tiny_model(tokenizer)
    probe = Probe.of([[5, 6, 7, 8], [9], [10, 11]], len(tokenizer))
    with torch.no_grad():
        whole = [model(input_ids=torch.tensor([ids])).logits[0, :-1] for ids in ([5, 6, 7, 8], [10, 11])]
    assert torch.allclose(probe.logits(model), torch.cat(whole), atol=1e-5)
    labels = torch.tensor([6, 7, 8, 11])
    assert probe.loss(torch.cat(whole)) == pytest.approx(
        float(-torch.cat(whole).log_softmax(-1)[range(4), labels].mean()), rel=1e-5
    )


def test_a_large_vocabulary_keeps_fewer_positions_evenly_spread():
    probe = Probe.of([list(range(1000))] * 4, MOST_LOGITS // 400)
    assert 390 <= sum(map(len, probe.positions)) <= 410
    assert all(int(kept.max()) > 950 and int(kept.max()) < 999 for kept in probe.positions)


def test_divergence_and_agreement_of_known_distributions():
    left, right = torch.tensor([[0.5, 0.5], [0.9, 0.1]]).log(), torch.tensor([[0.25, 0.75], [0.9, 0.1]]).log()
    first = 0.5 * math.log(0.5 / 0.25) + 0.5 * math.log(0.5 / 0.75)
    assert divergence(left, right) == pytest.approx(first / 2, rel=1e-5)
    assert divergence(left, left) == 0


def test_a_divergence_below_the_rounding_of_logarithms_is_still_that_of_the_distributions():
    left = 4 * torch.randn(30, 2048, generator=torch.Generator().manual_seed(1))
    for size in (1e-6, 1e-4, 1e-2):
        right = left + size * torch.randn(30, 2048, generator=torch.Generator().manual_seed(2))
        mine, other = left.double().log_softmax(-1), right.double().log_softmax(-1)
        exact = float((mine.exp() * (mine - other)).sum() / 30)
        # At 1e-6 the difference itself has few digits left in f32.
        assert divergence(left, right) == pytest.approx(exact, rel=0.05 if size == 1e-6 else 1e-3)
    assert agreement(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([[2.0, 0.0], [0.0, 1.0]])) == 0.5


@pytest.mark.parametrize("precision", [torch.bfloat16, torch.float16])
def test_rounding_at_random_takes_a_neighbour_and_keeps_the_mean(precision):
    model = torch.nn.Linear(300, 300, bias=False)
    with torch.no_grad():
        model.weight.fill_(1 + torch.finfo(precision).eps * 0.25)
    round_at_random(model, precision, 1)
    values = model.weight.unique()
    assert values.tolist() == [1.0, 1 + torch.finfo(precision).eps]
    share = float((model.weight > 1).float().mean())
    assert share == pytest.approx(0.25, abs=0.01)
    before = model.weight.clone()
    round_at_random(model, precision, 2)
    assert torch.equal(model.weight, before), "what is on the grid stays"


def test_rounding_to_f32_changes_nothing():
    model = torch.nn.Linear(3, 3)
    before = model.weight.clone()
    round_at_random(model, torch.float32, 1)
    assert torch.equal(model.weight, before)
