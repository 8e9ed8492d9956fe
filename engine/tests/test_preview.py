"""What is shown is what is learned: the preview against the tokens of training, on the seedling."""

import json

import pytest
from conftest import ROOT, chat_row, run_job, text_row, write_rows

from cogumi_engine.models import load_tokenizer
from cogumi_engine.tokens import token_set

SEEDLING = ROOT / "models/seedling"

HISTORY = [{"role": "user", "content": "A?"}, {"role": "assistant", "content": "First."}]
ROWS = [chat_row(3), {**chat_row(4), "history": HISTORY}, {**chat_row(5), "answer": "猫 🐱 naïve\u202e\x1b[31m"}, text_row(1)]


@pytest.fixture(scope="module")
def seedling():
    return load_tokenizer(SEEDLING)


def preview(rows, folder, **options):
    ran = run_job("preview", {"model": SEEDLING, "rows": write_rows(folder / "rows.jsonl", rows)}, folder / "out", **options)
    lines = [json.loads(line) for line in (folder / "out/preview.jsonl").read_text().splitlines()]
    assert ran.facts == {"rows": len(rows), "trainable": sum(line["reason"] is None for line in lines)}
    return lines


def text(line, trained=None):
    return "".join(token["text"] for token in line["tokens"] if trained in (None, token["trained"]))


@pytest.mark.parametrize("prompt_weight", [0, 0.1])
def test_tokens_and_flags_are_those_that_training_loads(seedling, tmp_path, prompt_weight):
    lines = preview(ROWS, tmp_path, promptLossWeight=prompt_weight)
    rows = tmp_path / "rows.jsonl"
    examples = token_set(rows, seedling, tmp_path, max_tokens=256, prompt_weight=prompt_weight, progress=lambda *_: None)
    assert examples.too_long == 0
    assert len(examples) == len(lines)
    for line, example in zip(lines, examples, strict=True):
        assert [token["id"] for token in line["tokens"]] == example.ids
        # The loop shifts by one: the weight of the first token is never used.
        assert [token["trained"] for token in line["tokens"]] == [False, *(weight > 0 for weight in example.weights[1:])]


def test_only_answers_and_their_end_marks_are_trained(tmp_path):
    one, two, _, running = preview(ROWS, tmp_path)
    assert text(one, trained=True) == "The tree is white.<|im_end|>"
    assert text(two, trained=True) == "First.<|im_end|>The boat is black.<|im_end|>"
    assert text(running, trained=False) + text(running, trained=True) == ROWS[3]["text"] + "<|endoftext|>"


def test_pieces_make_the_rendered_text_also_where_a_character_is_many_tokens(seedling, tmp_path):
    lines = preview(ROWS, tmp_path)
    for row, line in zip(ROWS[:3], lines, strict=False):
        turns = [*row["history"], {"role": "user", "content": row["question"]}, {"role": "assistant", "content": row["answer"]}]
        assert text(line) + "\n" == seedling.apply_chat_template(turns, tokenize=False)
    unfinished = [token for token in lines[2]["tokens"] if token["text"] == ""]
    assert unfinished and all(token["trained"] for token in unfinished)


def test_special_tokens_of_the_template_are_marked(tmp_path):
    (line,) = preview([chat_row(3)], tmp_path)
    special = [token["text"] for token in line["tokens"] if token["special"]]
    assert special == ["<|im_start|>", "<|im_end|>", "<|im_start|>", "<|im_end|>"]


def test_a_row_that_training_leaves_out_or_refuses_says_why_and_the_others_are_shown(tmp_path):
    long, surrogate, good = preview(
        [{**chat_row(0), "question": "long " * 300}, {**chat_row(1), "answer": "\ud800"}, chat_row(2)], tmp_path
    )
    assert f"{len(long['tokens'])} tokens; training takes 256" in long["reason"]
    assert surrogate["tokens"] == [] and surrogate["reason"].startswith("Training would stop at this row")
    assert good["reason"] is None


def test_a_template_that_drops_the_answer_leaves_nothing_to_learn(tmp_path, seedling, monkeypatch):
    silent = "{% for m in messages %}{% if m['role'] == 'user' %}{{ m['content'] }}{% endif %}{% endfor %}"
    monkeypatch.setattr(seedling, "chat_template", silent)
    monkeypatch.setattr("cogumi_engine.jobs.preview.load_tokenizer", lambda _folder: seedling)
    (line,) = preview([chat_row(3)], tmp_path)
    assert "no token to learn from" in line["reason"] and not any(token["trained"] for token in line["tokens"])


def test_no_weights_are_read(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (folder / name).write_bytes((SEEDLING / name).read_bytes())
    rows = write_rows(tmp_path / "rows.jsonl", [chat_row(1)])
    assert run_job("preview", {"model": folder, "rows": rows}, tmp_path / "out").facts == {"rows": 1, "trainable": 1}
