"""Which precision training takes: what is faster on the device as it is, not what its instructions are called."""

import pytest

from cogumi_engine import device


@pytest.fixture(autouse=True)
def _forget():
    device.prefers_bf16.cache_clear()
    yield
    device.prefers_bf16.cache_clear()


@pytest.mark.parametrize(("gain", "expected"), [(2.5, True), (0.54, False), (1.2, False)])
def test_bf16_is_taken_only_where_its_products_are_faster_for_certain(monkeypatch, gain, expected):
    monkeypatch.setattr(device.torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    monkeypatch.setattr(device, "bf16_gain", lambda: gain)
    assert device.prefers_bf16("cpu") is expected
    assert device.wants_bf16("auto", "cpu") is expected
    assert device.wants_bf16("bf16", "cpu") and not device.wants_bf16("f32", "cpu")


def test_without_such_instructions_nothing_is_measured(monkeypatch):
    monkeypatch.setattr(device.torch.cpu, "get_capabilities", lambda: {"avx2": True})
    monkeypatch.setattr(device, "bf16_gain", lambda: pytest.fail("measured"))
    assert not device.prefers_bf16("cpu")


def test_a_process_decides_once_so_that_its_jobs_agree(monkeypatch):
    gains = iter([2.0, 1.0])
    monkeypatch.setattr(device.torch.cpu, "get_capabilities", lambda: {"amx_tile": True})
    monkeypatch.setattr(device, "bf16_gain", lambda: next(gains))
    assert [device.prefers_bf16("cpu"), device.prefers_bf16("cpu")] == [True, True]


def test_the_measured_gain_is_a_ratio_of_times():
    assert 0.01 < device.bf16_gain() < 100
