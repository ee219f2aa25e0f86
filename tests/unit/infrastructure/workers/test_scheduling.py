"""The policy of threads started later, looked at from a process of its own."""

import os
import subprocess
import sys

import pytest

from app.infrastructure.workers import scheduling

PROGRAM = """
import os, threading
from app.infrastructure.workers.scheduling import let_threads_finish
let_threads_finish()
thread = threading.Thread(target=lambda: print(os.sched_getscheduler(threading.get_native_id())))
thread.start()
thread.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no SCHED_BATCH")
def test_threads_started_later_run_in_batches() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=True)
    assert int(said.stdout) == os.SCHED_BATCH


def test_where_it_is_forbidden_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def refuse(*arguments: object) -> None:
        asked.append(arguments)
        raise PermissionError("not here")

    monkeypatch.setattr(os, "sched_setscheduler", refuse, raising=False)
    scheduling.let_threads_finish()
    assert len(asked) == (sys.platform == "linux")
