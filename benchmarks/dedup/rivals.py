"""Texts in, as a JSON array in a file; seconds of each round and the places that stay out, as JSON."""

import json
import re
import sys
import time

WORD = re.compile(r"[a-z0-9]+")


def shingles(text):
    words = WORD.findall(text.lower())
    return [" ".join(words[at : at + 3]) for at in range(max(1, len(words) - 2))]


def rensa(texts):
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16)
    kept = []
    for at, text in enumerate(texts):
        sketch = RMinHash(num_perm=128, seed=42)
        sketch.update(shingles(text))
        # Its README: candidates are checked by the estimate of the two sketches.
        if any(sketch.jaccard(sketches[other]) >= 0.8 for other in index.query(sketch)):
            continue
        index.insert(at, sketch)
        sketches[at] = sketch
        kept.append(at)
    return kept


def datasketch(texts):
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(num_perm=128, params=(16, 8))
    kept = []
    for at, text in enumerate(texts):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([shingle.encode() for shingle in shingles(text)])
        if any(sketch.jaccard(sketches[other]) >= 0.8 for other in index.query(sketch)):
            continue
        index.insert(at, sketch)
        sketches[at] = sketch
        kept.append(at)
    return kept


name, path, rounds = sys.argv[1:]
rows = json.load(open(path, encoding="utf-8"))
seconds = []
for _ in range(int(rounds)):
    sketches = {}
    began = time.perf_counter()
    stay = {"rensa": rensa, "datasketch": datasketch}[name](rows)
    seconds.append(time.perf_counter() - began)
print(json.dumps({"seconds": seconds, "kept": stay}))
