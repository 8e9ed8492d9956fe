"""The loss behind a frozen head, against plain cross-entropy with all logits at once."""

import pytest
import torch
from torch.nn import functional

from cogumi_engine import head_loss
from cogumi_engine.batches import pad
from cogumi_engine.head_loss import HeadLoss
from cogumi_engine.losses import cross_entropy, token_losses
from cogumi_engine.rows import Example


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("rows_at_once", [1, 7, 1000])
def test_losses_and_gradients_are_those_of_cross_entropy(rows_at_once, biased, monkeypatch):
    monkeypatch.setattr(head_loss, "CHUNK_BYTES", rows_at_once * 4 * 301)
    torch.manual_seed(0)
    hidden = torch.randn(20, 16, requires_grad=True)
    weight, bias = torch.randn(301, 16), torch.randn(301) if biased else None
    targets, upstream = torch.randint(301, (20,)), torch.rand(20)

    wanted = functional.cross_entropy(functional.linear(hidden, weight, bias), targets, reduction="none")
    (wanted_gradient,) = torch.autograd.grad((wanted * upstream).sum(), hidden)
    losses = HeadLoss.apply(hidden, weight, bias, targets)
    (gradient,) = torch.autograd.grad((losses * upstream).sum(), hidden)
    torch.testing.assert_close(losses, wanted, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(gradient, wanted_gradient, atol=1e-5, rtol=1e-5)


def test_logits_far_from_zero_neither_overflow_nor_vanish():
    hidden = torch.tensor([[300.0], [-300.0]], requires_grad=True)
    weight, targets = torch.tensor([[1.0], [-1.0], [0.0]]), torch.tensor([1, 0])
    losses = HeadLoss.apply(hidden, weight, None, targets)
    losses.sum().backward()
    # By hand: the most likely of three is 600 above the target; its gradient is the difference of their weights.
    torch.testing.assert_close(losses, torch.tensor([600.0, 600.0]))
    torch.testing.assert_close(hidden.grad, torch.tensor([[2.0], [-2.0]]))


def test_a_batch_without_a_supervised_token_has_no_loss_and_no_gradient():
    hidden = torch.zeros(0, 4, requires_grad=True)
    losses = HeadLoss.apply(hidden, torch.randn(9, 4), None, torch.zeros(0, dtype=torch.int64))
    losses.sum().backward()
    assert losses.shape == (0,) and hidden.grad.shape == (0, 4)


def test_a_model_with_a_frozen_head_has_the_losses_of_one_that_learns_its_head(tokenizer):
    from conftest import tiny_model

    model = tiny_model(tokenizer)
    batch = pad([Example([5, 6, 7, 8], [0.0, 0.5, 1.0, 1.0]), Example([9, 10], [0.0, 1.0])], 0)
    with torch.no_grad():
        learned = token_losses(model, batch)
        model.requires_grad_(False)
        frozen = token_losses(model, batch)
    torch.testing.assert_close(frozen, learned, atol=1e-5, rtol=1e-5)
    assert cross_entropy(model, batch).count == 3.5


def test_no_more_logits_are_held_than_a_chunk(monkeypatch):
    """The largest tensor of a pass over 512 positions of a vocabulary of 128,000 would be 262 MB."""
    sizes = []
    linear = functional.linear

    def seen(*arguments):
        sizes.append(linear(*arguments).nbytes)
        return linear(*arguments)

    monkeypatch.setattr(functional, "linear", seen)
    hidden = torch.randn(512, 4, requires_grad=True)
    HeadLoss.apply(hidden, torch.randn(128_000, 4), None, torch.zeros(512, dtype=torch.int64)).sum().backward()
    assert max(sizes) <= head_loss.CHUNK_BYTES
