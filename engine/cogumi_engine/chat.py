"""Chats as a model's own template writes them."""

from datetime import date
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from cogumi_engine.errors import JobError

# What a template is asked with, to see whether it writes a system turn; no template contains it.
SYSTEM, USER = "cogumi-system-text", "cogumi-user-text"

# The day that templates with a date get (Llama 3, SmolLM3): today's would give the same rows other tokens tomorrow. It is the one
# that Llama 3's own template falls back to.
BUILD_DAY = date(2024, 7, 26)


def render(tokenizer: PreTrainedTokenizerBase, turns: list[dict[str, str]], to_answer: bool = False) -> str:
    """
    The chat as text, with `to_answer` up to where the model answers.

    A template without a system role, such as Gemma's, gets the system's text before the first question, two line ends apart:
    so Gemma 3's own template writes it, and so the runtime does (`chatPrompt`). Errors: CHAT_TEMPLATE.
    """
    if turns and turns[0]["role"] == "system" and not writes_system(tokenizer):
        turns = fold_system(turns)
    try:
        return _apply(tokenizer, turns, to_answer)
    except TemplateError as cause:
        roles = ", ".join(turn["role"] for turn in turns)
        message = f"The chat template refuses a chat of the turns {roles}: {str(cause)[:200]}"
        raise JobError("CHAT_TEMPLATE", message, "Leave such rows out, or give the model folder another chat template.") from cause


def writes_system(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the template writes the text of a system turn. Some refuse it, others leave it out without a word."""
    asked = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": USER}]
    try:
        return SYSTEM in _apply(tokenizer, asked, to_answer=True)
    except TemplateError:
        return False


def fold_system(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    """The chat with the system's text in the first turn of the user."""
    system, *rest = turns
    if rest and rest[0]["role"] == "user":
        return [{**rest[0], "content": f"{system['content']}\n\n{rest[0]['content']}"}, *rest[1:]]
    return [{**system, "role": "user"}, *rest]


def _apply(tokenizer: PreTrainedTokenizerBase, turns: list[dict[str, Any]], to_answer: bool) -> str:
    return str(
        tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=to_answer, strftime_now=BUILD_DAY.strftime)
    )
