"""What of a row was written, and what a template added."""

import copy

import pytest
import torch
from conftest import chat_row, tiny_model

from cogumi_engine.bits_per_byte import bits_per_byte
from cogumi_engine.passages import Passage, encode_written
from cogumi_engine.rows import encode, prompt_text, token_ids


def counted(tokenizer, row):
    """The text of the tokens that weigh 1."""
    example = encode_written(tokenizer, row)
    return tokenizer.decode([token for token, weight in zip(example.ids, example.weights, strict=True) if weight == 1])


def test_question_and_answer_count_and_the_marks_of_the_template_do_not(tokenizer):
    row = {"question": "Was für ein Tier? 🐱", "answer": "Eine Katze."}
    assert counted(tokenizer, row) == "Was für ein Tier? 🐱Eine Katze."
    passage = Passage.of(tokenizer, row)
    assert passage.text == prompt_text(tokenizer, row) + "Eine Katze."
    assert passage.bytes() == len("Was für ein Tier? 🐱Eine Katze.".encode())
    assert passage.encode(tokenizer.backend_tokenizer).ids == token_ids(tokenizer, passage.text)


def test_all_turns_count_but_those_that_must_not_be_learned(tokenizer):
    wrong = {"role": "assistant", "content": "Six.", "train": False}
    row = {"question": "Sure?", "answer": "Eight.", "history": [{"role": "user", "content": "Legs?"}, wrong]}
    assert counted(tokenizer, row) == "Legs?Sure?Eight."


def test_what_a_template_leaves_out_does_not_count(tokenizer):
    tokenizer = copy.deepcopy(tokenizer)
    tokenizer.chat_template = tokenizer.chat_template.replace("message['content']", "message['content'].split('|')[-1]")
    row = {"question": "a|b", "answer": "c"}
    assert counted(tokenizer, row) == "c"


def test_running_text_counts_as_a_whole_and_is_learned_with_its_end(tokenizer):
    row = {"text": "Once upon a time."}
    assert Passage.of(tokenizer, row).bytes() == len(row["text"])
    assert encode_written(tokenizer, row) == encode(tokenizer, row, 1.0)


def test_a_beginning_has_the_parts_that_lie_in_it(tokenizer):
    passage = Passage("<q>abc<a>def", [(3, 6), (9, 12)])
    assert passage.beginning(5) == Passage("<q>ab", [(3, 5)])
    assert passage.beginning(10).bytes() == 4
    assert passage.beginning(2).bytes() == 0


def test_bits_per_byte_are_of_what_was_written_alone(tokenizer):
    """A model that never learned the marks of the template pays for them, and not in this figure."""
    model, row = tiny_model(tokenizer, 3), chat_row(1)
    passage = Passage.of(tokenizer, row)
    example = passage.encode(tokenizer.backend_tokenizer)
    with torch.no_grad():
        logits = model(input_ids=torch.tensor(example.ids)[None]).logits[0, :-1]
        losses = torch.nn.functional.cross_entropy(logits, torch.tensor(example.ids[1:]), reduction="none") / torch.log(
            torch.tensor(2.0)
        )
    written = sum(float(loss) for loss, weight in zip(losses, example.weights[1:], strict=True) if weight == 1)
    found = bits_per_byte(model, tokenizer.backend_tokenizer, passage)
    assert found == pytest.approx(written / len((row["question"] + row["answer"]).encode()), rel=1e-5)
    assert found * passage.bytes() < float(losses.sum())
