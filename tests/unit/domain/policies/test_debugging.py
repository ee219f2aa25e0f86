"""Who may learn of the configuration by a request, and what."""

from app.domain.entities.exchange import Exchange
from app.domain.policies.debugging import DebugAccess, debug_fields
from tests.fakes import exchange


def test_any_of_the_tokens_will_do_and_no_token_lets_nobody_ask() -> None:
    access = DebugAccess("read-write", "", "read")
    assert [access.allows(value) for value in (b"read", b"read-write", b"", b"rea", b"\xff")] == [
        True,
        True,
        *[False] * 3,
    ]
    assert not DebugAccess("", "").allows(b"")


def test_what_is_not_known_is_not_told() -> None:
    asked: Exchange = exchange()
    asked.debug, asked.target = "d1", "127.0.0.1:9"
    assert debug_fields(asked) == [
        (b"x-gateway-revision", b"0"),
        (b"x-gateway-digest", b"d1"),
        (b"x-gateway-target", b"127.0.0.1:9"),
    ]
