"""Entities of several hashes at one moment, over a scripted connection."""

from typing import Any

import hiredis
import pytest

from app.infrastructure.config.redis_connection import Command
from app.infrastructure.config.redis_errors import RedisRefused
from app.infrastructure.config.redis_hash import RedisHash
from app.infrastructure.config.redis_moment import MOST, fetch_at_once

HASHES = ("services", "routes")


class Scripted:
    """A session, and the one connection in it: `answers` come to `calls`, and to `call` one by one."""

    def __init__(self, *answers: Any, together: bool = True) -> None:
        self.answers = list(answers)
        self.sent: list[Command] = []
        self._together = together

    def of(self, _: str) -> "Scripted":
        return self

    def together(self, *_: str) -> bool:
        return self._together

    def calls(self, commands: list[Command]) -> list[Any]:
        self.sent += commands
        return [self.answers.pop(0)]

    def call(self, *command: Any) -> Any:
        self.sent.append(command)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def fetch(session: Scripted, **ids: list[str]) -> dict[str, dict[str, bytes | None]]:
    hashes = {section: RedisHash(f"gateway:{section}", 10) for section in HASHES}
    return fetch_at_once(session, hashes, ids)  # type: ignore[arg-type]  # all that is used of it


def test_both_hashes_are_asked_in_one_transaction() -> None:
    session = Scripted([[b"1"], [b"2", None]])
    assert fetch(session, services=["a"], routes=["b", "c"]) == {"services": {"a": b"1"}, "routes": {"b": b"2"}}
    assert session.sent == [
        ("MULTI",),
        ("HMGET", "gateway:services", b"a"),
        ("HMGET", "gateway:routes", b"b", b"c"),
        ("EXEC",),
    ]


def test_one_hash_needs_none_and_others_are_not_known() -> None:
    session = Scripted([b"1"])
    assert fetch(session, services=[], routes=["b"], other=["x"]) == {"routes": {"b": b"1"}}
    assert session.sent == [("HMGET", "gateway:routes", b"b")]


@pytest.mark.parametrize(
    "refusal", [hiredis.ReplyError("NOPERM"), [[b"1"], hiredis.ReplyError("WRONGTYPE")]], ids=["MULTI", "a hash"]
)
def test_without_a_transaction_they_are_asked_one_by_one(refusal: Any) -> None:
    session = Scripted(refusal, [b"1"], [b"2"])
    assert fetch(session, services=["a"], routes=["b"]) == {"services": {"a": b"1"}, "routes": {"b": b"2"}}


def test_servers_of_their_own_and_very_many_are_asked_one_by_one() -> None:
    session = Scripted([b"1"], [b"2"], together=False)
    assert fetch(session, services=["a"], routes=["b"]) == {"services": {"a": b"1"}, "routes": {"b": b"2"}}
    many = [str(number) for number in range(MOST)]
    session = Scripted([b"1"], [b"2"] * MOST)
    assert len(fetch(session, services=["a"], routes=many)["routes"]) == MOST
    assert session.sent[0][0] == "HMGET"


def test_a_hash_that_cannot_be_read_is_left_out() -> None:
    session = Scripted(RedisRefused("WRONGTYPE"), [b"2"], together=False)
    assert fetch(session, services=["a"], routes=["b"]) == {"routes": {"b": b"2"}}
