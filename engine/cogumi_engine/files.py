"""Files that are either whole or absent."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO


def write_json(path: Path, value: Any) -> None:
    """Writes indented JSON with sorted keys: equal values give equal bytes."""
    write_whole(path, lambda file: file.write((json.dumps(value, indent=1, sort_keys=True) + "\n").encode()))


def write_jsonl(path: Path, rows: Iterable[Any]) -> None:
    """Writes one JSON value per line."""
    write_whole(path, lambda file: file.writelines((json.dumps(row) + "\n").encode() for row in rows))


def write_whole(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    """Writes a temporary file, flushes it to the disk and renames it: a kill leaves the old file or the new one."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
