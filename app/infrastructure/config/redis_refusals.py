"""Keeps the hash of errors in the store as it should be. Soft: a gateway that may only read is a good gateway."""

from collections.abc import Iterable
from typing import Final

from app.domain.entities.config import ConfigProblem
from app.infrastructure.config.redis_connection import Command
from app.infrastructure.config.redis_errors import RedisRefused
from app.infrastructure.config.redis_session import RedisSession

MOST: Final = 1000
"""Fields of the hash that we write."""


def refusals(problems: Iterable[ConfigProblem]) -> dict[str, str]:
    """Field (`routes.hello`) to why that entity is not live as it stands in the store, a line for each reason."""
    lines: dict[str, list[str]] = {}
    for problem in problems:
        if not problem.entity or (problem.entity not in lines and len(lines) >= MOST):
            continue
        reason = f"{problem.field}: {problem.reason}" if problem.field else problem.reason
        lines.setdefault(problem.entity, []).append(reason)
    return {entity: "\n".join(reasons) for entity, reasons in lines.items()}


class RedisRefusals:
    """All workers of all gateways write the same; each writes only what it believes to be different."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._there: dict[str, str] = {}
        self.wanted: dict[str, str] = {}
        """What should stand there."""

    def are_due(self) -> bool:
        """Whether something else should stand there than what does, as far as we know."""
        return self._there != self.wanted

    def read(self, session: RedisSession) -> None:
        """Find out what stands there. Raises RedisGone."""
        try:
            found = session.call(self._key, "HGETALL", self._key)
        except RedisRefused:
            return
        self._there = {_text(field): _text(value) for field, value in found.items()}

    def write(self, session: RedisSession) -> None:
        """Make it what it should be. Raises RedisGone; that we may not write is no error."""
        gone = [field for field in self._there if field not in self.wanted]
        new = {field: text for field, text in self.wanted.items() if self._there.get(field) != text}
        commands: list[Command] = []
        if gone:
            commands.append(("HDEL", self._key, *map(_bytes, gone)))
        if new:
            pairs = (part for pair in new.items() for part in map(_bytes, pair))
            commands.append(("HSET", self._key, *pairs))
        if commands:
            session.of(self._key).calls(commands)
        # Also when it was refused: it is tried again after the next reading of the hash, not all the time.
        self._there = dict(self.wanted)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")
