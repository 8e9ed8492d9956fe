"""Texts in, a JSON string a line of a file; seconds of each round, the places that stay and the most memory out, as JSON."""

import contextlib
import json
import os
import re
import resource
import sys
import tempfile
import time

WORD = re.compile(r"[a-z0-9]+")


def shingles(text):
    words = WORD.findall(text.lower())
    return [" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))]


def rensa():
    from rensa import RMinHash, RMinHashLSH

    def sketch(text):
        made = RMinHash(num_perm=128, seed=42)
        made.update(shingles(text))
        return made

    return RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16), sketch


def datasketch():
    from datasketch import MinHash, MinHashLSH

    def sketch(text):
        made = MinHash(num_perm=128)
        made.update_batch([shingle.encode() for shingle in shingles(text)])
        return made

    return MinHashLSH(num_perm=128, params=(16, 8)), sketch


def kept_of(texts, index, sketch):
    """Places that stay; candidates are checked by the estimate of the two sketches, as rensa's README does."""
    sketches = {}
    for at, text in enumerate(texts):
        made = sketch(text)
        if not any(made.jaccard(sketches[other]) >= 0.8 for other in index.query(made)):
            index.insert(at, made)
            sketches[at] = made
    return list(sketches)


def text_dedup(texts):
    """Places that stay, and the seconds of its command, which reads and writes a folder: a tenth of them."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    from datasets import Dataset, load_from_disk
    from text_dedup.minhash import main

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        Dataset.from_dict({"text": texts, "place": range(len(texts))}).save_to_disk(f"{folder}/in")
        options = {
            "path": f"{folder}/in",
            "output": f"{folder}/out",
            "column": "text",
            "num_perm": 128,
            "b": 16,
            "r": 8,
            "threshold": 0.8,
            "ngram": 3,
            "min_length": 0,
            "num_proc": 1,
        }
        command = ["--local", *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
        began = time.perf_counter()
        main(command, standalone_mode=False)
        return load_from_disk(f"{folder}/out")["place"][:], time.perf_counter() - began


def measured(texts, make):
    began = time.perf_counter()
    return kept_of(texts, *make()), time.perf_counter() - began


name, path, rounds = sys.argv[1:]
rows = [json.loads(line) for line in open(path, encoding="utf-8")]
seconds = []
for _ in range(int(rounds)):
    kept, took = text_dedup(rows) if name == "text-dedup" else measured(rows, {"rensa": rensa, "datasketch": datasketch}[name])
    seconds.append(took)
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"seconds": seconds, "kept": kept, "megabytes": megabytes}))
