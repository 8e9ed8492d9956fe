"""The process that started this one."""

import os
import threading
import time

# Interval between two looks (chosen: a look takes a microsecond).
CHECK_SECONDS = 0.5


def end_with_parent() -> None:
    """
    Ends this process when its parent has ended, also while a job runs or waits for another process.

    A killed `torchrun` tells its processes nothing: each would wait for the others until a timeout of 30 minutes.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
