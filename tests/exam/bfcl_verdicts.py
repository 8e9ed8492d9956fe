"""Prompts and verdicts of bfcl-eval's own code for answers that are given to it.

    python bfcl_verdicts.py JOB RESULT

JOB is a JSON file with, for each category, a list of runs, each with one answer for each of the first questions. RESULT becomes JSON with
the prompts of these questions, and whether each answer is right: true, false, or the name of the error that ends the checker.
"""

import importlib.machinery
import json
import sys
import types
from pathlib import Path

# Programs of other languages and clients of providers, which none of this needs.
ABSENT = ("tree_sitter", "overrides", "tenacity", "filelock", "dotenv", "mpmath")


class Absent:
    def find_spec(self, name: str, path=None, target=None):
        if name.split(".")[0].startswith(ABSENT):
            return importlib.machinery.ModuleSpec(name, self)
        return None

    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__path__ = []
        module.__getattr__ = make
        return module

    def exec_module(self, module) -> None:
        pass


def make(name: str):
    if name.startswith("__"):
        raise AttributeError(name)
    ignore = {"__init__": lambda self, *_, **__: None}
    return type(name, (), {**ignore, "__getattr__": lambda self, _: ignore["__init__"]})


sys.meta_path.append(Absent())
models = types.ModuleType("bfcl_eval.constants.model_config")
models.MODEL_CONFIG_MAPPING = {"own": types.SimpleNamespace(underscore_to_dot=False)}
sys.modules[models.__name__] = models

from bfcl_eval.constants.enums import Language  # noqa: E402
from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker  # noqa: E402
from bfcl_eval.model_handler.utils import (  # noqa: E402
    default_decode_ast_prompting,
    system_prompt_pre_processing_chat_model,
)
from bfcl_eval.utils import (  # noqa: E402
    is_function_calling_format_output,
    load_dataset_entry,
    load_ground_truth_entry,
)


def verdict(answer: str, question: dict, truth: dict, category: str) -> bool | str:
    try:
        calls = default_decode_ast_prompting(answer)
    except Exception:  # noqa: BLE001
        return False
    if not is_function_calling_format_output(calls):
        return False
    try:
        found = ast_checker(
            question["function"],
            calls,
            truth["ground_truth"],
            Language.PYTHON,
            category,
            "own",
        )
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return found["valid"]


def read(category: str, runs: list) -> dict:
    plain = load_dataset_entry(category, include_language_specific_hint=False)
    truths = {truth["id"]: truth for truth in load_ground_truth_entry(category)}
    verdicts = [
        [
            verdict(answer, question, truths[question["id"]], category)
            for question, answer in zip(plain, answers, strict=False)
        ]
        for answers in runs
    ]
    prompts = []
    for entry in load_dataset_entry(category)[: len(runs[0])]:
        messages = system_prompt_pre_processing_chat_model(
            entry["question"][0], entry["function"], entry["id"]
        )
        prompts.append("\n\n".join(message["content"] for message in messages))
    return {"prompts": prompts, "verdicts": verdicts}


if __name__ == "__main__":
    job_path, result_path = map(Path, sys.argv[1:])
    job = json.loads(job_path.read_text())
    result = {category: read(category, runs) for category, runs in job.items()}
    result_path.write_text(json.dumps(result))
