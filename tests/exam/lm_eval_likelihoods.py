"""Log-likelihoods as lm-eval's own model class for transformers computes them.

    python lm_eval_likelihoods.py MODEL JOB RESULT [URL]

MODEL is a file in GGUF of a model that reads a beginning-of-text token first; transformers reads its weights as float32. With URL the same model is asked of the server there, by
lm-eval's client for OpenAI's `/v1/completions`. JOB is a JSON file with a list of `context` and `choices`; RESULT becomes JSON with a list of the natural logarithms of each choice
behind its context.
"""

import json
import sys
import tempfile
from pathlib import Path

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from lm_eval.models.openai_completions import LocalCompletionsAPI
from tokenizers.processors import TemplateProcessing
from transformers import AutoTokenizer


def weights(model: Path) -> HFLM:
    return HFLM(
        pretrained=str(model.parent),
        gguf_file=model.name,
        device="cpu",
        dtype="float32",
        batch_size=1,
        # What transformers makes of a GGUF's tokenizer has lost it.
        add_bos_token=True,
    )


def client(model: Path, url: str) -> LocalCompletionsAPI:
    tokenizer = AutoTokenizer.from_pretrained(model.parent, gguf_file=model.name)
    bos = tokenizer.bos_token
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{bos} $A", special_tokens=[(bos, tokenizer.bos_token_id)]
    )
    folder = tempfile.mkdtemp()
    tokenizer.save_pretrained(folder)
    return LocalCompletionsAPI(
        base_url=f"{url}/v1/completions",
        model=model.stem,
        tokenizer=folder,
        tokenizer_backend="huggingface",
        max_length=512,
        # Lists of prompts.
        batch_size=8,
        num_concurrent=2,
        add_bos_token=True,
    )


if __name__ == "__main__":
    model, job, result = map(Path, sys.argv[1:4])
    torch.set_num_threads(1)
    lm = client(model, sys.argv[4]) if len(sys.argv) > 4 else weights(model)
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
