"""`python -m cogumi_engine run job.json`: one job by hand, events on stdout."""

import json
import os
import sys
from pathlib import Path

from cogumi_engine.parent import end_with_parent
from cogumi_engine.worker import run


def main() -> int:
    """Answers the exit code: 0 when the job is done, 1 when it failed, 3 for a wrong command line."""
    if len(sys.argv) != 3 or sys.argv[1] != "run":
        print("usage: python -m cogumi_engine run JOB.json", file=sys.stderr)
        return 3
    # A job run by hand may outlive its shell (nohup). Of several processes, none goes on without torchrun.
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        end_with_parent()
    last = run(Path(sys.argv[2]), lambda event: print(json.dumps(event), flush=True))
    print(json.dumps(last))
    return 0 if last["event"] == "done" else 1


sys.exit(main())
