"""The one kind of error that users see from the engine."""

import errno
import re
from typing import Any


class JobError(Exception):
    """What happened (both values), and what to do; `code` is for programs."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def error_event(error: BaseException) -> dict[str, Any]:
    """The event that tells of it. What nobody foresaw is ENGINE_FAILED; its trace is in the log."""
    if isinstance(error, JobError):
        return _event(error.code, error.message, error.hint)
    chain = list(_chain(error))
    if any(_is_disk_full(link) for link in chain):
        return _event("DISK_FULL", "The disk is full; nothing half-written counts as a result.", "Free some space and run it again.")
    if any(isinstance(link, MemoryError) or "allocate" in str(link).lower() and "memory" in str(link).lower() for link in chain):
        return _event("OUT_OF_MEMORY", f"The job needs more memory than is free: {_short(error)}.", "Lower `batchTokens`.")
    return _event("ENGINE_FAILED", _short(error), "The log has the whole trace.")


def _event(code: str, message: str, hint: str) -> dict[str, Any]:
    return {"event": "error", "code": code, "message": message, "hint": hint}


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:300]}"


def _chain(error: BaseException | None) -> Any:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_disk_full(error: BaseException) -> bool:
    """Libraries in Rust and C++ hand the system's error on as text; NumPy tells of a short write by its two counts alone."""
    full = (errno.ENOSPC, errno.EDQUOT)
    text = str(error)
    if isinstance(error, OSError) and re.fullmatch(r"\d+ requested and \d+ written", text):
        return True
    return getattr(error, "errno", None) in full or any(f"os error {code})" in text for code in full)
