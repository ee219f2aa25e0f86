"""A bounded buffer and the one thread that empties it. Putting never waits: what does not fit is dropped."""

import atexit
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from app.infrastructure.telemetry.sinks import Sink

_REPORT_EVERY: Final = 100


class BatchWriter:
    """Writes lines in the background. Threads do not survive a fork: create it in the worker."""

    def __init__(
        self,
        sink: Sink,
        *,
        capacity: int = 8192,
        interval: float = 0.1,
        on_loss: Callable[[int], None] | None = None,
    ) -> None:
        """`interval` is seconds between batches.

        `on_loss` is called in the thread with the number of lines newly lost, at most every hundred intervals.
        """
        self._sink = sink
        self._capacity = capacity
        self._interval = interval
        self._on_loss = on_loss
        self._lines: deque[bytes] = deque()
        self._stop = threading.Event()
        self._reported = 0
        self._closed = False
        self.lost = 0
        """Lines that were dropped, or that could not be written."""
        self._worker = threading.Thread(target=self._run, name="batch-writer", daemon=True)
        self._worker.start()
        atexit.register(self.close)

    def put(self, line: bytes) -> None:
        """Take a whole line, or drop it when the buffer is full."""
        if len(self._lines) < self._capacity:
            self._lines.append(line)
        else:
            self.lost += 1

    def close(self, timeout: float = 2.0) -> None:
        """Write what is waiting, for at most `timeout` seconds; the rest is lost."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        self._stop.set()
        self._worker.join(timeout)
        if self._worker.is_alive():
            self.lost += len(self._lines)
        else:
            self._sink.close()

    def _run(self) -> None:
        rounds = 0
        while not self._stop.wait(self._interval):
            self._flush()
            rounds += 1
            if self.lost != self._reported and rounds >= _REPORT_EVERY:
                rounds = 0
                self._report()
        self._flush()

    def _flush(self) -> None:
        """Write as much at once as the sink takes whole: each write is a fight with the event loop for the lock."""
        lines: list[bytes] = []
        size = 0
        while self._lines:
            line = self._lines.popleft()
            if lines and size + len(line) > self._sink.whole:
                self._write(lines)
                lines, size = [], 0
            lines.append(line)
            size += len(line)
        if lines:
            self._write(lines)

    def _write(self, lines: list[bytes]) -> None:
        try:
            self._sink.write(b"".join(lines))
        except OSError:
            # A full disk or a reader that left: traffic goes on (F-25).
            self.lost += len(lines)

    def _report(self) -> None:
        newly = self.lost - self._reported
        self._reported = self.lost
        if self._on_loss is not None:
            self._on_loss(newly)
