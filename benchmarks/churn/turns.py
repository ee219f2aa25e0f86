"""How long the turns of an event loop are. For benchmarks: looking at every turn keeps the loop awake all the time."""

import asyncio
import time


class Turns:
    """Between `begin` and `end` the loop never waits, so that the time between two looks is the length of a turn."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._looking = False
        self._cpu = self._wall = 0.0
        self.longest_cpu = 0.0
        """Seconds of processor time of the loop's own thread: what one piece of work took."""
        self.longest_wall = 0.0
        """Seconds until the next turn, in which nobody was served, whoever had the processor or the interpreter."""

    def begin(self) -> None:
        """Look from now on, and forget what was."""
        self.longest_cpu = self.longest_wall = 0.0
        self._cpu, self._wall = time.thread_time(), time.perf_counter()
        self._looking = True
        self._loop.call_soon(self._turn)

    def end(self) -> None:
        """Look no more."""
        self._looking = False

    def _turn(self) -> None:
        cpu, wall = time.thread_time(), time.perf_counter()
        self.longest_cpu = max(self.longest_cpu, cpu - self._cpu)
        self.longest_wall = max(self.longest_wall, wall - self._wall)
        self._cpu, self._wall = cpu, wall
        if self._looking:
            self._loop.call_soon(self._turn)
