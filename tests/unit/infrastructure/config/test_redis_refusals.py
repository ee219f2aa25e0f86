from typing import Any

import pytest

from app.domain.entities.config import ConfigProblem
from app.infrastructure.config import redis_refusals
from app.infrastructure.config.redis_errors import RedisRefused
from app.infrastructure.config.redis_refusals import RedisRefusals, refusals
from app.infrastructure.config.redis_session import RedisSession


class Session:
    """Records; holds what HGETALL gives."""

    def __init__(self, there: dict[bytes, bytes] | None = None) -> None:
        self.there = there
        self.sent: list[Any] = []

    def call(self, key: str, *command: Any) -> Any:
        if self.there is None:
            raise RedisRefused("NOPERM no")
        return self.there

    def of(self, key: str) -> Any:
        return self

    def calls(self, commands: list[Any]) -> list[Any]:
        self.sent += commands
        return [RedisRefused("NOPERM no")]


def session(fake: Session) -> RedisSession:
    return fake  # type: ignore[return-value]


def test_a_line_for_each_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [
        ConfigProblem("s", "routes.a", "url", "is wrong"),
        ConfigProblem("s", "routes.a", "", "is bad"),
        ConfigProblem("s", "", "", "the whole store"),
        ConfigProblem("s", "routes.b", "", "is bad"),
    ]
    assert refusals(problems) == {"routes.a": "url: is wrong\nis bad", "routes.b": "is bad"}
    monkeypatch.setattr(redis_refusals, "MOST", 1)
    assert refusals(problems) == {"routes.a": "url: is wrong\nis bad"}


def test_writes_only_what_is_different() -> None:
    told, fake = RedisRefusals("g:errors"), Session({b"routes.a": b"old", b"routes.b": b"same", b"\xff": b"x"})
    told.read(session(fake))
    told.wanted = {"routes.a": "new", "routes.b": "same"}
    assert told.are_due()
    told.write(session(fake))
    assert not told.are_due()
    assert fake.sent == [("HDEL", "g:errors", b"\xff"), ("HSET", "g:errors", b"routes.a", b"new")]
    told.write(session(fake))
    assert len(fake.sent) == 2


def test_a_store_that_may_not_be_written_is_left_alone() -> None:
    told, fake = RedisRefusals("g:errors"), Session()
    told.read(session(fake))
    told.wanted = {"routes.a": "new"}
    told.write(session(fake))
    told.write(session(fake))
    assert len(fake.sent) == 1
