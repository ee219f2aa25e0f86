"""Sources and watches by script, for tests of discovery."""

import asyncio
from collections.abc import Mapping

from app.domain.entities.service import Target
from app.infrastructure.discovery.sources import DiscoveryFailed, Found

ONE = Target("http://10.0.0.1:80")
TWO = Target("http://10.0.0.2:80")


def found(*targets: Target) -> Found:
    """What a source says."""
    return Found(targets)


class ScriptedSource:
    """Says what is put into it, in order; waits when there is nothing."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[Found | Exception] = asyncio.Queue()
        self.asked = 0
        self.closed = False

    def say(self, *answers: Found | Exception) -> None:
        for answer in answers:
            self.answers.put_nowait(answer)

    async def next(self) -> Found:
        self.asked += 1
        answer = await self.answers.get()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def aclose(self) -> None:
        self.closed = True


def failure(reason: str = "no answer") -> DiscoveryFailed:
    return DiscoveryFailed(reason)


class ScriptedWatch:
    """A Watch that gives what it was told to."""

    def __init__(self, *answers: bytes | Exception | None) -> None:
        self.answers = list(answers)
        self.made: list[tuple[str, Mapping[str, str]]] = []
        self.failures = 0
        self.closed = False

    def __call__(self, path: str, parameters: Mapping[str, str]) -> "ScriptedWatch":
        """As a factory of watches."""
        self.made.append((path, parameters))
        return self

    async def next(self) -> bytes | None:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def failed(self) -> None:
        self.failures += 1

    async def aclose(self) -> None:
        self.closed = True
