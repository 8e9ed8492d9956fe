"""Episodes of meta-learning: how rows are cut, which gradient each objective gives, and what is refused."""

import copy

import pytest
import torch
from conftest import chat_row, loop_options, run_job, tiny_model, write_rows
from test_loop import make_trainer as loop_trainer

from cogumi_engine.episodes import Episodes
from cogumi_engine.jobs.train import inner_parameters
from cogumi_engine.losses import Totals, cross_entropy
from cogumi_engine.rows import encode

RATE = 0.05


def make_trainer(tokenizer, folder, objective, **changes):
    options = loop_options(objective=objective, innerRate=RATE, **changes)
    examples = [encode(tokenizer, chat_row(number), 0.0) for number in range(24)]
    model = tiny_model(tokenizer)
    episodes = Episodes(options, inner_parameters(model, options), [number % 3 for number in range(24)])
    return loop_trainer(model, examples, folder, episodes=episodes, objective=objective, innerRate=RATE, **changes)


def values_of(model):
    return {name: value.detach().clone() for name, value in model.named_parameters()}


def gradients_of(trainer, step):
    """What the optimizer would get; the weights have to be as they were."""
    before, totals = values_of(trainer.model), Totals()
    trainer.rows.episodes.backward(step.episodes, list(trainer.parameters.values()), totals, trainer._backward)
    for name, value in trainer.parameters.items():
        assert torch.equal(value, before[name]), name
    return {name: value.grad for name, value in trainer.parameters.items()}, totals


def loss_gradients(model, batches):
    """Gradients of the mean loss over the weights of all batches."""
    model.zero_grad(set_to_none=True)
    whole = sum(batch.total_weight() for batch in batches)
    loss = sum(cross_entropy(model, batch).sum for batch in batches) / whole
    loss.backward()
    return float(loss.detach()), {name: value.grad for name, value in model.named_parameters()}


def descend(model, gradients, chosen=lambda _: True):
    with torch.no_grad():
        for name, value in model.named_parameters():
            if chosen(name):
                value -= RATE * gradients[name]


def test_an_episode_has_rows_of_one_kind_and_a_step_has_several(tokenizer, tmp_path):
    episodes = make_trainer(tokenizer, tmp_path, "reptile", innerSteps=2, episodesPerStep=2, batchTokens=300).rows.episodes
    lengths = [20 + number % 7 for number in range(24)]
    plan = episodes.plan(lengths, seed=3, epoch=0)
    flat = [episode for step in plan for episode in step]
    assert sorted(row for parts in flat for part in parts for row in part) == list(range(24))
    assert [len(step) for step in plan[:-1]] == [2] * (len(plan) - 1)
    for parts in flat:
        rows = [row for part in parts for row in part]
        assert len({row % 3 for row in rows}) == 1 and sum(lengths[row] for row in rows) <= 150
        assert len(parts) == min(3, len(rows)) and max(map(len, parts)) - min(map(len, parts)) <= 1
    assert plan == episodes.plan(lengths, seed=3, epoch=0) != episodes.plan(lengths, seed=3, epoch=1)


def test_a_reptile_step_goes_to_where_the_inner_steps_end(tokenizer, tmp_path):
    """The gradient is the way there: a step of plain descent at the rate of all inner steps is the mean of their ends."""
    trainer = make_trainer(tokenizer, tmp_path, "reptile", innerSteps=2, episodesPerStep=2, batchTokens=300)
    step = next(trainer.rows.steps())
    assert [len(parts) for parts in step.episodes] == [3, 3]
    gradients, _ = gradients_of(trainer, step)
    ends = []
    for parts in step.episodes:
        learner = copy.deepcopy(trainer.model)
        for part in parts:
            descend(learner, loss_gradients(learner, part)[1])
        ends.append(values_of(learner))
    for name, start in values_of(trainer.model).items():
        end = torch.stack([values[name] for values in ends]).mean(0)
        torch.testing.assert_close(start - 3 * RATE * gradients[name], end, atol=2e-6, rtol=1e-4)
        assert not torch.allclose(start, end, atol=1e-5) or "norm" in name


@pytest.mark.parametrize("objective", ["fomaml", "anil"])
def test_maml_takes_the_gradient_behind_the_inner_steps_and_anil_moves_the_last_layer_only(objective, tokenizer, tmp_path):
    trainer = make_trainer(tokenizer, tmp_path, objective, innerSteps=2, episodesPerStep=1, batchTokens=200)
    step = next(trainer.rows.steps())
    gradients, totals = gradients_of(trainer, step)
    *support, query = step.episodes[0]
    assert len(support) == 2
    learner = copy.deepcopy(trainer.model)
    for part in support:
        descend(learner, loss_gradients(learner, part)[1], lambda name: objective == "fomaml" or ".layers.1." in name)
    loss, expected = loss_gradients(learner, query)
    assert totals.means()["loss"] == pytest.approx(loss, rel=1e-5)
    _, at_start = loss_gradients(copy.deepcopy(trainer.model), query)
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, expected[name], atol=1e-6, rtol=1e-4)
    head = "model.embed_tokens.weight"
    assert not torch.allclose(gradients[head], at_start[head], atol=1e-4), "the inner steps change the gradient"


@pytest.mark.parametrize("objective", ["reptile", "fomaml", "anil"])
def test_each_objective_trains_an_adapter_that_tells_its_rows(objective, model_folder, rows_file, tmp_path):
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    facts = run_job("train", inputs, tmp_path / "out", objective=objective, maxSteps=30).facts
    assert facts["validationLossAfter"] < 0.8 * facts["validationLossBefore"]


def test_rows_of_one_kind_are_refused_with_its_name(model_folder, rows_file, tmp_path):
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    message = run_job("train", inputs, tmp_path / "out", objective="fomaml", episodesOf="source").refused("EPISODES_ALIKE")
    assert "60 rows" in message and "source own" in message


def test_kinds_belong_to_the_rows_that_are_left(tokenizer, tmp_path):
    path = write_rows(tmp_path / "rows.jsonl", [{**chat_row(at), "domain": name} for at, name in enumerate("abcab")])
    episodes = Episodes(loop_options(), [])
    assert episodes.of_rows(path, []).kinds == [0, 1, 2, 0, 1]
    assert episodes.of_rows(path, [0, 2]).kinds == [1, 0, 1]


def test_training_goes_on_from_an_adapter(model_folder, rows_file, tmp_path):
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file}
    first = run_job("train", inputs, tmp_path / "first").facts
    second = run_job("train", {**inputs, "adapter": tmp_path / "first"}, tmp_path / "second", rank=2).facts
    assert second["validationLossBefore"] == pytest.approx(first["validationLossAfter"], abs=1e-4)
    assert second["validationLossAfter"] < second["validationLossBefore"] and second["rank"] == first["rank"] == 4
    run_job("train", {**inputs, "adapter": model_folder}, tmp_path / "third").refused("ADAPTER_FOREIGN")
