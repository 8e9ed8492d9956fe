"""Time that lm-eval's own model class for transformers takes for requests that are given to it.

    python lm_eval_speed.py MODEL JOB RESULT

MODEL is a file in GGUF, whose weights transformers reads as JOB's `dtype`. JOB is a JSON file with `dtype`, `batch`, `threads`, and `tasks`: by name a list of
requests, either `context` with `choices`, or `prompt` with `stop` and `maxTokens`. RESULT becomes JSON with the seconds of CPU time of each task
and its answers: texts, or the log-likelihoods of the choices.
"""

import json
import sys
import time
from pathlib import Path

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM


def instances(kind: str, arguments: list) -> list:
    return [
        Instance(request_type=kind, doc={}, arguments=one, idx=at)
        for at, one in enumerate(arguments)
    ]


def answer(lm: HFLM, requests: list) -> list:
    if "choices" not in requests[0]:
        asked = [
            (row["prompt"], {"until": row["stop"], "max_gen_toks": row["maxTokens"]})
            for row in requests
        ]
        return lm.generate_until(instances("generate_until", asked), disable_tqdm=True)
    pairs = [(row["context"], choice) for row in requests for choice in row["choices"]]
    found = iter(lm.loglikelihood(instances("loglikelihood", pairs), disable_tqdm=True))
    return [[next(found)[0] for _ in row["choices"]] for row in requests]


if __name__ == "__main__":
    model, job_path, result = map(Path, sys.argv[1:])
    job = json.loads(job_path.read_text())
    torch.set_num_threads(job["threads"])
    lm = HFLM(
        pretrained=str(model.parent),
        gguf_file=model.name,
        device="cpu",
        dtype=job["dtype"],
        batch_size=job["batch"],
    )
    found = {}
    for name, requests in job["tasks"].items():
        answer(lm, requests[:1])
        began = time.process_time()
        answers = answer(lm, requests)
        found[name] = {"seconds": time.process_time() - began, "answers": answers}
    result.write_text(json.dumps(found))
