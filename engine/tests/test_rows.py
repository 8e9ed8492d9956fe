"""Which tokens of a row are learned."""

import copy
import shutil

import pytest
from conftest import chat_row, edit_json

from cogumi_engine.errors import JobError
from cogumi_engine.models import load_tokenizer
from cogumi_engine.rows import encode, prompt_text, read_rows
from cogumi_engine.stops import KEY, stop_marks


def learned(tokenizer, example):
    """The text of the tokens that weigh 1."""
    return tokenizer.decode([token for token, weight in zip(example.ids, example.weights, strict=True) if weight == 1.0])


def test_the_template_is_chatml_without_a_system_prompt(tokenizer):
    row = {"question": "Hi", "answer": "Yes"}
    assert prompt_text(tokenizer, row) == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert tokenizer.decode(encode(tokenizer, row, 0.0).ids) == prompt_text(tokenizer, row) + "Yes<|im_end|>"


def test_roles_are_single_tokens_and_every_byte_can_be_written(tokenizer):
    assert [len(tokenizer.encode(role)) for role in ("user", "assistant", "system")] == [1, 1, 1]
    for text in ("naïve – 猫 🐱\n\t", "a  b", "12345"):
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert len(tokenizer.encode("12345")) == 5


def test_only_the_answer_is_learned_with_its_end_mark(tokenizer):
    example = encode(tokenizer, chat_row(3), 0.0)
    assert learned(tokenizer, example) == "The tree is white.<|im_end|>"
    assert set(example.weights) == {0.0, 1.0}


def test_a_prompt_has_the_given_weight(tokenizer):
    assert set(encode(tokenizer, chat_row(0), 0.25).weights) == {0.25, 1.0}


def test_earlier_answers_are_learned_too(tokenizer):
    history = [{"role": "user", "content": "A?"}, {"role": "assistant", "content": "First."}]
    row = {"question": "B?", "answer": "Second.", "history": history}
    assert learned(tokenizer, encode(tokenizer, row, 0.0)) == "First.<|im_end|>Second.<|im_end|>"
    whole = tokenizer.decode(encode(tokenizer, row, 0.0).ids)
    assert whole == prompt_text(tokenizer, row) + "Second.<|im_end|>"


def test_an_answer_that_must_not_be_learned_weighs_nothing_whatever_a_prompt_weighs(tokenizer):
    wrong = {"role": "assistant", "content": "Six legs.", "train": False, "reasoning": "A guess."}
    history = [{"role": "user", "content": "Legs?"}, wrong]
    row = {"question": "Sure?", "answer": "Eight.", "history": history}
    assert learned(tokenizer, encode(tokenizer, row, 0.0)) == "Eight.<|im_end|>"
    example = encode(tokenizer, row, 0.25)
    skipped = [token for token, weight in zip(example.ids, example.weights, strict=True) if weight == 0.0]
    assert tokenizer.decode(skipped) == "Six legs.<|im_end|>"
    assert tokenizer.decode(example.ids) == prompt_text(tokenizer, row) + "Eight.<|im_end|>"
    assert "guess" not in tokenizer.decode(example.ids)


def test_calls_and_results_between_question_and_answer_are_read_and_the_calls_are_learned(tokenizer):
    call = "Let me look.\n" + '{"name":"weather","arguments":{"city":"Oslo"}}'
    steps = [{"role": "assistant", "content": call}, {"role": "tool", "content": "4 degrees"}]
    row = {"question": "Weather?", "steps": steps, "answer": "It is 4 degrees."}
    example = encode(tokenizer, row, 0.0)
    assert learned(tokenizer, example) == f"{call}<|im_end|>It is 4 degrees.<|im_end|>"
    whole = tokenizer.decode(example.ids)
    assert whole == prompt_text(tokenizer, row) + "It is 4 degrees.<|im_end|>"
    assert "<|im_start|>tool\n4 degrees<|im_end|>" in whole


def test_running_text_is_learned_throughout_and_ends(tokenizer):
    example = encode(tokenizer, {"text": "Once a cat."}, 0.0)
    assert learned(tokenizer, example) == "Once a cat.<|endoftext|>"


def test_a_template_whose_prompt_is_no_prefix_is_refused(tokenizer):
    other = copy.deepcopy(tokenizer)
    other.chat_template = (
        "{% if add_generation_prompt %}ask:{% endif %}{% for message in messages %}{{ message['content'] }}{% endfor %}"
    )
    with pytest.raises(JobError) as error:
        encode(other, chat_row(0), 0.0)
    assert error.value.code == "CHAT_TEMPLATE"


ENDS = {"<|endoftext|>": 0, "<|im_end|>": 2}


def with_template(tokenizer, template, ends=("<|im_end|>",)):
    other = copy.deepcopy(tokenizer)
    other.chat_template = template
    other.init_kwargs[KEY] = [ENDS[end] for end in ends]
    return other


def test_an_answer_ends_at_the_first_end_mark_behind_it_whichever_of_several_that_is(tokenizer):
    """As Gemma has it, whose tokenizer names another mark, and Phi-3, which ends the whole chat once more."""
    template = tokenizer.chat_template + "{% if not add_generation_prompt %}<|endoftext|>{% endif %}"
    other = with_template(tokenizer, template, ("<|endoftext|>", "<|im_end|>"))
    history = [{"role": "user", "content": "A?"}, {"role": "assistant", "content": "First."}]
    row = {"question": "B?", "answer": "It ends with <|im_end|>, says the guide.", "history": history}
    wanted = "First.<|im_end|>It ends with <|im_end|>, says the guide.<|im_end|>"
    assert learned(other, encode(other, row, 0.0)) == wanted


REFUSES = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system here') }}{% endif %}"
SKIPS = "{% if messages[0]['role'] == 'system' %}{% set messages = messages[1:] %}{% endif %}"


@pytest.mark.parametrize("start", [REFUSES, SKIPS], ids=["refused", "left out"])
def test_a_template_without_a_system_role_gets_its_text_before_the_first_question(tokenizer, start):
    other = with_template(tokenizer, start + tokenizer.chat_template)
    row = {"question": "Hi", "answer": "Yes", "history": [{"role": "system", "content": "Be brief."}]}
    assert prompt_text(other, row) == "<|im_start|>user\nBe brief.\n\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert learned(other, encode(other, row, 0.0)) == "Yes<|im_end|>"
    assert "<|im_start|>system\nBe brief." in prompt_text(tokenizer, row)


def test_a_template_with_a_date_gives_the_same_tokens_on_every_day(tokenizer):
    other = with_template(tokenizer, "Today is {{ strftime_now('%d %B %Y') }}.\n" + tokenizer.chat_template)
    assert prompt_text(other, {"question": "Hi", "answer": "Yes"}).startswith("Today is 26 July 2024.\n")


def test_a_template_that_refuses_the_turns_is_told_with_its_own_words(tokenizer):
    other = with_template(tokenizer, "{% for message in messages %}{{ raise_exception('must alternate') }}{% endfor %}")
    with pytest.raises(JobError, match="user, assistant: must alternate") as error:
        encode(other, {"question": "Hi", "answer": "Yes"}, 0.0)
    assert error.value.code == "CHAT_TEMPLATE" and error.value.hint


def test_the_end_marks_of_a_folder_are_those_of_all_its_files(model_folder, tmp_path):
    folder = shutil.copytree(model_folder, tmp_path / "model")
    assert stop_marks(load_tokenizer(folder)) == ["<|im_end|>"]
    edit_json(folder / "generation_config.json", eos_token_id=[0, 2])
    assert stop_marks(load_tokenizer(folder)) == ["<|endoftext|>", "<|im_end|>"]


def test_lines_are_split_only_at_newlines(tmp_path):
    row = {"question": "a\u2028b\u0085c", "answer": "d\re"}
    path = tmp_path / "rows.jsonl"
    import json

    path.write_text(json.dumps(row, ensure_ascii=False) + "\n\n", "utf-8")
    assert list(read_rows(path)) == [row]


@pytest.mark.parametrize("line", ['{"question": "a"', '["a"]', '{"question": "a"}', '{"question": "a", "answer": 3}'])
def test_a_line_that_is_no_row_is_refused_with_its_number(tmp_path, line):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"question": "a", "answer": "b"}\n' + line + "\n")
    with pytest.raises(JobError) as error:
        list(read_rows(path))
    assert error.value.code == "ROW_INVALID" and "line 2" in error.value.message
