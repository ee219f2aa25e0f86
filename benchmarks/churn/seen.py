"""Which change was seen live where, and how long after it was written. Keeps times; asks nobody."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from benchmarks.churn.entities import WATCHED, Watched


class Seen:
    """Changes are numbered from 1, workers from 0; times are of one clock, in seconds."""

    def __init__(self, workers: int) -> None:
        self._waiting: Final = [{route: deque[tuple[int, float]]() for route in WATCHED} for _ in range(workers)]
        self._lives: dict[int, list[float]] = {}

    def written(self, route: Watched, number: int, at: float) -> None:
        """The store has taken change `number`, which shows at `route`."""
        self._lives[number] = []
        for worker in self._waiting:
            worker[route].append((number, at))

    def saw(self, worker: int, route: Watched, number: int, at: float) -> None:
        """A worker answers with `number` at `route`: that change is live there, and all before it."""
        waiting = self._waiting[worker][route]
        while waiting and waiting[0][0] <= number:
            earlier, written = waiting.popleft()
            self._lives[earlier].append(at - written)

    def outstanding(self, worker: int) -> list[Watched]:
        """Routes at which a worker has not shown every change yet."""
        return [route for route, waiting in self._waiting[worker].items() if waiting]

    @property
    def all_seen(self) -> bool:
        """Whether every change was seen everywhere."""
        return not any(self.outstanding(worker) for worker in range(len(self._waiting)))

    def everywhere(self) -> list[float]:
        """For each change that every worker has shown: seconds until the last of them did."""
        return [max(lives) for lives in self._lives.values() if len(lives) == len(self._waiting)]

    def never(self) -> int:
        """Changes that some worker has not shown."""
        return len(self._lives) - len(self.everywhere())


def in_milliseconds(seconds: Sequence[float]) -> list[float]:
    """With three digits."""
    return [round(value * 1e3, 3) for value in seconds]
