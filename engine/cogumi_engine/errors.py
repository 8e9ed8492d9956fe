"""The one kind of error that users see from the engine."""


class JobError(Exception):
    """What happened (both values), and what to do; `code` is for programs."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
