"""
`python -m cogumi_engine run job.json`: one job by hand, events on stdout. `--versions` before it, or alone, first prints what a
warm worker says at its start.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from cogumi_engine.parent import end_with_parent
from cogumi_engine.worker import ready, run


def main(words: list[str]) -> int:
    """Answers the exit code: 0 when the job is done, 1 when it failed, 3 for a wrong command line."""
    wants_versions = words[:1] == ["--versions"]
    words = words[wants_versions:]
    if not (len(words) == 2 and words[0] == "run") and not (wants_versions and words == []):
        print("usage: python -m cogumi_engine [--versions] [run JOB.json]", file=sys.stderr)
        return 3
    # A job run by hand may outlive its shell (nohup). Of several processes, none goes on without torchrun.
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        end_with_parent()
    is_main = os.environ.get("RANK", "0") == "0"
    if wants_versions and is_main:
        print(json.dumps(ready()), flush=True)
    if words == []:
        return 0
    last = run(Path(words[1]), lambda event: print(json.dumps(event), flush=True))
    failed = last["event"] != "done"
    # The main process is the last to be done, since it writes the files.
    if (failed or is_main) and not (failed and _told_torchrun(last)):
        print(json.dumps(last), flush=True)
    return int(failed)


def _told_torchrun(last: dict[str, Any]) -> bool:
    """Of several processes, each leaves its error in the file that `torchrun` has named: `ranks` says which came first."""
    try:
        Path(os.environ["TORCHELASTIC_ERROR_FILE"]).write_text(
            json.dumps({"message": last["message"], "timestamp": time.time(), "event": last}), "utf-8"
        )
    except (KeyError, OSError):
        return False
    return True


def _end(code: int) -> NoReturn:
    """
    Ends this process without taking Python down: a thread of gloo that lets go of its last tensor meanwhile would abort it, though
    its job is done (https://github.com/pytorch/pytorch/issues/190489).
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


_end(main(sys.argv[1:]))
