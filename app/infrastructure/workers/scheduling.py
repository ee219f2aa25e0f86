"""How the kernel runs the threads of a worker. Not for which cores they run on."""

import os
import sys
from contextlib import suppress


def let_threads_finish() -> None:
    """Threads started from here on do not interrupt one another when they wake up (SCHED_BATCH), where there is that.

    Granian passes a request through three threads. By default the kernel may switch to each at once, in the middle of
    the work of another on the same core; what is done in batches costs less (docs/decisions/0013-batch-scheduling.md).
    """
    if sys.platform == "linux":
        with suppress(OSError):  # some sandboxes forbid it, and it is only about speed
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
