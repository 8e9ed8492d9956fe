"""The learning rate over the steps."""

import pytest
from conftest import loop_options

from cogumi_engine.schedule import learning_rate


def test_the_rate_rises_falls_as_a_cosine_and_ends_where_it_should():
    options = loop_options(learningRate=2.0, finalFraction=0.1, warmupFraction=0.2)
    rates = [learning_rate(step, 10, options) for step in range(10)]
    # Two steps of warm-up, then 2 * (0.1 + 0.9 * (1 + cos(pi * k / 8)) / 2) by hand for k = 0, 4.
    assert rates[:3] == pytest.approx([1.0, 2.0, 2.0])
    assert rates[6] == pytest.approx(2 * 0.55)
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert 0.2 < rates[-1] < 0.3
