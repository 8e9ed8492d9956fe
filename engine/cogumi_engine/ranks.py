"""
`python -m cogumi_engine.ranks COUNT [--versions] run JOB.json`: one job in several processes of this machine, which `torchrun`
starts, and ends when one of them fails. Of a failure it says what the process said or met that failed first: the others only lose
their connection.
"""

import json
import signal
import sys
from collections.abc import Mapping
from typing import Any

from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure
from torch.distributed.run import parse_args, run


def main(count: str, words: list[str]) -> int:
    """Answers the exit code: 0 when the job is done, 1 when it failed."""
    try:
        run(parse_args(["--standalone", "--nproc-per-node", count, "-m", "cogumi_engine", *words]))
    except ChildFailedError as failed:
        print(failed, file=sys.stderr)
        print(json.dumps(first_failure(failed.failures, int(count))), flush=True)
        return 1
    return 0


def first_failure(failures: Mapping[int, ProcessFailure], count: int) -> dict[str, Any]:
    """
    The event about the process that failed first. `failures`: by rank, in the order in which `torchrun` found them; it also holds
    those that `torchrun` itself ended then, by SIGTERM.

    An error that the engine has a code for is a cause. After it comes a signal, since a process whose connection broke fails with
    ENGINE_FAILED, before `torchrun` has looked at the one that was killed.
    """
    said = sorted((one for one in failures.values() if _event_of(one)), key=lambda one: float(one.error_file_data["timestamp"]))
    known = [one for one in said if _event_of(one)["code"] != "ENGINE_FAILED"]
    killed = {rank: one for rank, one in failures.items() if one.exitcode < 0 and not _event_of(one)}
    others = [rank for rank, one in killed.items() if one.exitcode != -signal.SIGTERM]
    first_rank, first = next(iter(failures.items()))
    if known:
        return _event_of(known[0])
    if others:
        return _died(others[0], killed[others[0]], count)
    return _event_of(said[0]) if said and first_rank not in killed else _died(first_rank, first, count)


def _event_of(failure: ProcessFailure) -> dict[str, Any]:
    """What the process itself said of its end; empty for one that could not."""
    event: dict[str, Any] = failure.error_file_data.get("event", {})
    return event


def _died(rank: int, failure: ProcessFailure, count: int) -> dict[str, Any]:
    how = failure.signal_name() if failure.exitcode < 0 else f"exit code {failure.exitcode}"
    why = "The system sends SIGKILL when memory runs out: lower `devices` or `microBatchTokens`. " if how == "SIGKILL" else ""
    message = f"Rank {rank} of the {count} processes that share the training died ({how}); the others were ended."
    return {
        "event": "error",
        "code": "RANK_DIED",
        "message": message,
        "hint": f"{why}Run the same command again: training continues at its last checkpoint.",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
