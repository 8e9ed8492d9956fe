"""The loss on text that nothing was trained on."""

from pathlib import Path

import pytest
import torch
from conftest import ROOT

from cogumi_engine.errors import JobError
from cogumi_engine.models import load_model, load_tokenizer
from cogumi_engine.prose import WINDOW_TOKENS, compare_losses, window_losses, windows_of

SEEDLING = ROOT / "models/seedling"
PROSE = ROOT / "examples/prose/war-and-peace.txt"


def test_windows_are_the_beginning_of_the_text() -> None:
    tokenizer = load_tokenizer(SEEDLING)
    windows = windows_of(tokenizer, PROSE, 1000)
    assert windows.shape == (1000 // (WINDOW_TOKENS + 1), WINDOW_TOKENS + 1)
    assert PROSE.read_text("utf-8").startswith(tokenizer.decode(windows.flatten()))


def test_a_text_that_is_too_short_or_no_text_is_refused(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(SEEDLING)
    path = tmp_path / "prose.txt"
    for content, problem in (
        (b"Too short.", "tokens; 516 are needed"),
        (b"", "has 0 tokens"),
        (b"\xff\xfe\x00", "is not text in UTF-8"),
    ):
        path.write_bytes(content)
        with pytest.raises(JobError, match=problem) as refused:
            windows_of(tokenizer, path, 4096)
        assert refused.value.code == "PROSE_UNREADABLE"


def test_a_model_loses_nothing_against_itself_and_something_when_it_is_damaged() -> None:
    windows = windows_of(load_tokenizer(SEEDLING), PROSE, 2048)
    model = load_model(SEEDLING)
    before = window_losses(model, windows)
    same = compare_losses(before, window_losses(model, windows))
    assert same["proseLoss"] == same["proseLossOfBase"]
    assert same["proseError"] == 0
    with torch.no_grad():
        model.get_input_embeddings().weight.mul_(4)
    worse = compare_losses(before, window_losses(model, windows))
    assert worse["proseLoss"] - worse["proseLossOfBase"] > 3 * worse["proseError"] > 0
