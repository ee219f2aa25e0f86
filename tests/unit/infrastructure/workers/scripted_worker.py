"""A worker process that does as it is told: `python -m …scripted_worker FOLDER WHAT DESCRIPTOR`.

It leaves a file named for its process id in FOLDER, and appends the names of the signals that it gets.
"""

import os
import signal
import sys
from pathlib import Path


def main() -> None:
    """`serve` serves until SIGTERM, `stubborn` does not end then, `fail` never serves, `once` fails the second time."""
    folder, what = Path(sys.argv[1]), sys.argv[2]
    os.fstat(int(sys.argv[3]))
    notes = folder / f"worker-{os.getpid()}"

    def note(number: int, _: object) -> None:
        with notes.open("a") as file:
            file.write(signal.Signals(number).name + "\n")
        if number == signal.SIGTERM and what != "stubborn":
            sys.exit(0)

    signal.signal(signal.SIGUSR1, note)
    signal.signal(signal.SIGTERM, note)
    before = len(list(folder.glob("worker-*")))
    if what == "fail" or (what == "once" and before == 1):
        notes.touch()
        sys.exit(3)
    notes.touch()
    os.write(0, b"R")
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
