"""Texts in, as a JSON array in a file; seconds of each round, the places that stay and the most memory out, as JSON."""

import json
import re
import resource
import sys
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


name, path, rounds = sys.argv[1:]
rows = json.load(open(path, encoding="utf-8"))
make = {"rensa": rensa, "datasketch": datasketch}[name]
seconds = []
for _ in range(int(rounds)):
    began = time.perf_counter()
    kept = kept_of(rows, *make())
    seconds.append(time.perf_counter() - began)
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"seconds": seconds, "kept": kept, "megabytes": megabytes}))
