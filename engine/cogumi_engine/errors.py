"""The one kind of error that users see from the engine."""

import errno
import re
from collections.abc import Iterator
from typing import Any

import torch


class JobError(Exception):
    """An error for users: what happened, with both values, and what to do. `code` is for programs."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def error_event(error: BaseException) -> dict[str, Any]:
    """The event for an error. An unforeseen one is ENGINE_FAILED; its stack trace is in the log."""
    if isinstance(error, JobError):
        return _event(error.code, error.message, error.hint)
    chain = list(_chain(error))
    if any(_is_disk_full(link) for link in chain):
        return _event(
            "DISK_FULL", "The disk is full; half-written files do not count as results.", "Free some space and run it again."
        )
    if any(_is_out_of_memory(link) for link in chain):
        hint = "Lower `microBatchTokens`: training takes less memory and learns the same."
        return _event("OUT_OF_MEMORY", f"The job needs more memory than is free: {_short(error)}.", hint)
    return _event("ENGINE_FAILED", _short(error), "The log has the stack trace.")


def _event(code: str, message: str, hint: str) -> dict[str, Any]:
    return {"event": "error", "code": code, "message": message, "hint": hint}


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:300]}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_out_of_memory(error: BaseException) -> bool:
    """PyTorch's CPU allocator raises a plain RuntimeError, recognised only by its text."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "DefaultCPUAllocator: can't allocate memory" in str(error)


def _is_disk_full(error: BaseException) -> bool:
    """Libraries in Rust and C++ pass the system's error on as text; NumPy reports a short write only by its two counts."""
    full = (errno.ENOSPC, errno.EDQUOT)
    text = str(error)
    if isinstance(error, OSError) and re.fullmatch(r"\d+ requested and \d+ written", text):
        return True
    return getattr(error, "errno", None) in full or any(f"os error {code})" in text for code in full)
