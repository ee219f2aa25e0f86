"""Limits of a host, asked by several processes at once, one of which is killed in the middle: never over any of them.

`GATEWAY_TEST_LIMIT_SECONDS` in the environment makes it longer: 30 of them are some 10^6 decisions.
"""

import os
import subprocess
import sys
import time
from bisect import bisect_right
from collections import defaultdict
from pathlib import Path

from tests.limit_worker import KEYS, LIMITS, MOST

SECONDS = float(os.environ.get("GATEWAY_TEST_LIMIT_SECONDS", "3"))
WORKERS = 4

Event = tuple[int, int]
"""Before and after it was asked: it counts somewhere in between."""


def worker(directory: Path, seed: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.limit_worker", str(directory), str(SECONDS), str(seed)]
    with (directory / f"log-{seed}").open("w") as log:
        return subprocess.Popen(command, stdout=log, text=True)


def read(directory: Path) -> tuple[dict[str, list[Event]], int]:
    """Events by key, and how many decisions there were at least."""
    events, asked = defaultdict[str, list[Event]](list), 0
    for seed in range(WORKERS):
        lines = (directory / f"log-{seed}").read_text().splitlines(keepends=True)
        for line in lines:
            parts = line.split()
            if not line.endswith("\n") or len(parts) != 3:
                continue  # cut off by the kill
            if parts[0] == "asked":
                asked += int(parts[1])
            else:
                events[parts[0]].append((int(parts[1]), int(parts[2])))
    return events, asked


def most_in_a_window(events: list[Event], window: int) -> int:
    """The largest number of events that certainly were in one window of that length.

    Windows that begin with an event are enough; an event certainly is in one if it was asked for not before the first
    was answered, and answered before the window had ended.
    """
    ordered = sorted(events)
    answered = sorted(after for _, after in events)
    befores = [before for before, _ in ordered]
    worst = 0
    for before, after in ordered:
        within = bisect_right(answered, before + window) - bisect_right(befores, after)
        worst = max(worst, within + 1)
    return worst


def test_f19_never_over_a_limit_in_any_window_and_no_worker_that_dies_leaves_a_trace(tmp_path: Path) -> None:
    processes = [worker(tmp_path, seed) for seed in range(WORKERS)]
    try:
        time.sleep(SECONDS * 0.6)
        processes[0].kill()
        assert [process.wait(SECONDS + 60) for process in processes[1:]] == [0] * (WORKERS - 1)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    events, asked = read(tmp_path)
    assert asked > 1000 * SECONDS
    assert len(events) == len(LIMITS) * KEYS
    for limit in LIMITS:
        for key in range(KEYS):
            seen = events[f"{limit.name}/{key}"]
            worst = most_in_a_window(seen, int(limit.window * 1e9))
            assert worst <= MOST[limit.name]
            # Nor was anybody refused below it: a killed worker takes one decision with it at most.
            spans = max(1, int((SECONDS * 0.5) / limit.window))
            assert len(seen) >= min(limit.count, 25) * spans - 1
