"""Log-likelihoods as lm-eval's own model class for transformers computes them.

    python lm_eval_likelihoods.py MODEL JOB RESULT

MODEL is a file in GGUF of a model that reads a beginning-of-text token first; transformers reads its weights as float32. JOB is a JSON file with a list of `context` and `choices`; RESULT becomes
JSON with a list of the natural logarithms of each choice behind its context.
"""

import json
import sys
from pathlib import Path

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

if __name__ == "__main__":
    model, job, result = map(Path, sys.argv[1:])
    torch.set_num_threads(1)
    lm = HFLM(
        pretrained=str(model.parent),
        gguf_file=model.name,
        device="cpu",
        dtype="float32",
        batch_size=1,
        # What transformers makes of a GGUF's tokenizer has lost it.
        add_bos_token=True,
    )
    asked = json.loads(job.read_text())
    pairs = [(row["context"], choice) for row in asked for choice in row["choices"]]
    requests = [
        Instance(request_type="loglikelihood", doc={}, arguments=pair, idx=at)
        for at, pair in enumerate(pairs)
    ]
    found = iter(lm.loglikelihood(requests, disable_tqdm=True))
    result.write_text(
        json.dumps([[next(found)[0] for _ in row["choices"]] for row in asked])
    )
