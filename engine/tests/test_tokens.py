"""Tokenized rows in files: the same tokens as in memory, made once, and never all in memory."""

import copy
import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT, chat_row, options_of, run_job, text_row, write_rows

from cogumi_engine import tokens
from cogumi_engine.errors import JobError
from cogumi_engine.rows import encode
from cogumi_engine.tokens import token_set


def make(rows, tokenizer, folder, max_tokens=100, prompt_weight=0.0, progress=lambda *_: None):
    return token_set(rows, tokenizer, folder, max_tokens=max_tokens, prompt_weight=prompt_weight, progress=progress)


def test_rows_come_back_as_they_were_encoded(tokenizer, tmp_path):
    rows = [text_row(number) if number % 3 == 0 else chat_row(number) for number in range(20)]
    made = make(write_rows(tmp_path / "rows.jsonl", rows), tokenizer, tmp_path, prompt_weight=0.25)
    examples = [encode(tokenizer, row, 0.25) for row in rows]
    assert [(made[row].ids, made[row].weights) for row in range(20)] == [(example.ids, example.weights) for example in examples]
    assert list(made.lengths) == [len(example.ids) for example in examples]
    assert len(made) == 20
    assert (made.folder / "tokens.bin").stat().st_size == 2 * sum(made.lengths)


def test_a_large_vocabulary_takes_four_bytes_per_token(tokenizer, tmp_path):
    larger = copy.deepcopy(tokenizer)
    larger.add_tokens([f"<{number}>" for number in range(2**16)])
    row = {"text": "Once a <65535> went out."}
    made = make(write_rows(tmp_path / "rows.jsonl", [row]), larger, tmp_path)
    assert made[0].ids == encode(larger, row, 0.0).ids
    assert max(made[0].ids) > 2**16


def test_a_set_is_made_once_and_another_set_for_other_rows_options_or_templates(tokenizer, tmp_path, monkeypatch):
    rows = write_rows(tmp_path / "rows.jsonl", [chat_row(number) for number in range(5)])
    other_rows = write_rows(tmp_path / "others.jsonl", [chat_row(number) for number in range(6)])
    other = copy.deepcopy(tokenizer)
    other.chat_template = other.chat_template.replace("<|im_start|>", "<|im_start|> ")
    first = make(rows, tokenizer, tmp_path)
    sets = [
        first,
        make(other_rows, tokenizer, tmp_path),
        make(rows, other, tmp_path),
        make(rows, tokenizer, tmp_path, prompt_weight=0.5),
    ]
    assert len({made.digest for made in sets}) == 4
    monkeypatch.setattr(tokens, "encode", lambda *_: pytest.fail("encoded again"))
    assert make(rows, tokenizer, tmp_path).digest == first.digest


def test_a_set_whose_making_was_killed_is_made_again(tokenizer, tmp_path, monkeypatch):
    rows = write_rows(tmp_path / "rows.jsonl", [chat_row(number) for number in range(5)])
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(tokens, "encode", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        make(rows, tokenizer, tmp_path)
    assert len(make(rows, tokenizer, tmp_path)) == 5


def test_a_job_makes_its_sets_where_the_input_tokens_says(model_folder, rows_file, tmp_path):
    inputs = {"model": model_folder, "rows": rows_file, "validation": rows_file, "tokens": tmp_path / "shared"}
    run_job("train", inputs, tmp_path / "out", maxSteps=1)
    assert len(list((tmp_path / "shared").glob("*/index.json"))) == 1, "rows and validation are one file here"
    assert not (tmp_path / "out/work").exists()


def test_progress_counts_the_rows_that_were_read(tokenizer, tmp_path, monkeypatch):
    monkeypatch.setattr(tokens, "REPORT_EVERY_SECONDS", 0)
    seen = []
    rows = write_rows(tmp_path / "rows.jsonl", [chat_row(number) for number in range(20)])
    make(rows, tokenizer, tmp_path, progress=lambda *event: seen.append(event))
    assert seen == [(at, 20, "rows") for at in range(20)]


def test_rows_without_a_trained_token_are_refused(tokenizer, tmp_path):
    empty = write_rows(tmp_path / "empty.jsonl", [])
    with pytest.raises(JobError) as error:
        make(empty, tokenizer, tmp_path)
    assert error.value.code == "NO_TRAINED_TOKEN"

    silent = copy.deepcopy(tokenizer)  # a template that drops the answer
    silent.chat_template = "{% for m in messages %}{% if m['role'] == 'user' %}{{ m['content'] }}{% endif %}{% endfor %}"
    with pytest.raises(JobError) as error:
        make(write_rows(tmp_path / "rows.jsonl", [chat_row(5)]), silent, tmp_path)
    assert error.value.code == "NO_TRAINED_TOKEN"
    assert "row_0005" in error.value.message


def test_rows_that_are_too_long_are_counted_and_a_set_of_nothing_else_is_refused(tokenizer, tmp_path):
    rows = write_rows(tmp_path / "rows.jsonl", [chat_row(0), {**chat_row(1), "question": "long " * 300}])
    made = make(rows, tokenizer, tmp_path)
    assert (len(made), made.too_long) == (1, 1)
    with pytest.raises(JobError) as error:
        make(rows, tokenizer, tmp_path, max_tokens=4)
    assert "2 are longer than 4 tokens" in error.value.message


def test_a_job_without_rows_is_refused(model_folder, rows_file, tmp_path):
    empty = write_rows(tmp_path / "empty.jsonl", [])
    inputs = {"model": model_folder, "rows": empty, "validation": rows_file}
    run_job("train", inputs, tmp_path / "out").refused("NO_TRAINED_TOKEN")
    run_job("logits", inputs, tmp_path / "logits").refused("ROWS_EMPTY")


# Makes a set of 200,000 rows with 40 tokens and reads a batch of every step of an epoch; prints how much anonymous memory
# (what is not a page of a file) that took at most.
MEASURE = """
import sys, threading, time
from pathlib import Path
from cogumi_engine import tokens
from cogumi_engine.data import Batches
from cogumi_engine.job import make_options
from cogumi_engine.rows import Example
import json

def anonymous():
    return int(Path("/proc/self/status").read_text().split("RssAnon:")[1].split()[0]) * 1024

class Words:
    pad_token = chat_template = "x"
    eos_token_id, init_kwargs = None, {}
    def __len__(self): return 400
    def get_vocab(self): return {}

rows, options = Path(sys.argv[1]), make_options("train", json.loads(sys.argv[2]))
tokens.encode = lambda _, row, __: Example([row["question_id"] % 400] * 40, [0.0] * 20 + [1.0] * 20)
before, most, stop = anonymous(), 0, threading.Event()
def watch():
    global most
    while not stop.wait(0.01):
        most = max(most, anonymous())
threading.Thread(target=watch, daemon=True).start()
made = tokens.token_set(rows, Words(), rows.parent, max_tokens=100, prompt_weight=0.0, progress=lambda *_: None)
data = Batches(rows=made, options=options, padding=0, seed=1, device="cpu")
seen = 0
for step, _ in zip(data.steps(), range(data.steps_per_epoch())):
    seen += step.tokens
stop.set()
print(json.dumps({"tokens": seen, "growth": most - before}))
"""


def test_many_rows_take_disk_and_no_memory(tmp_path):
    rows = tmp_path / "rows.jsonl"
    with rows.open("w") as file:
        file.writelines(f'{{"question_id": {number}, "question": "a", "answer": "b"}}\n' for number in range(200_000))
    command = [sys.executable, "-c", MEASURE, str(rows), json.dumps(options_of("train", batchTokens=8192))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "engine")}
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)
    assert said["tokens"] == 8_000_000
    # 19 bytes per row (measured). As Python lists they are 8 million pointers to ids and 8 million to weights: 640 bytes per row.
    assert said["growth"] < 200_000 * 60, f"{said['growth'] / 200_000:.0f} bytes per row"
