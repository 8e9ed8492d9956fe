"""`python -m cogumi_engine run job.json`: one job by hand, events on stdout."""

import json
import sys
from pathlib import Path

from cogumi_engine.worker import run


def main() -> int:
    """Answers the exit code: 0 when the job is done, 1 when it failed, 3 for a wrong command line."""
    if len(sys.argv) != 3 or sys.argv[1] != "run":
        print("usage: python -m cogumi_engine run JOB.json", file=sys.stderr)
        return 3
    last = run(Path(sys.argv[2]), lambda event: print(json.dumps(event), flush=True))
    print(json.dumps(last))
    return 0 if last["event"] == "done" else 1


sys.exit(main())
