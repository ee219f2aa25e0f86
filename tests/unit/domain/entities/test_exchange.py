"""What an exchange gives back when it is over."""

from functools import partial

import pytest

from tests.fakes import exchange


def test_everything_that_is_held_is_given_back_once_the_last_first() -> None:
    seen: list[str] = []
    held = exchange()
    for name in ("a", "b", "c"):
        held.hold(partial(seen.append, name))
    assert held.release is not None
    held.release()
    assert seen == ["c", "b", "a"]


def test_what_cannot_be_given_back_keeps_nothing_else() -> None:
    seen: list[str] = []

    def broken() -> None:
        raise RuntimeError("no")

    held = exchange()
    held.hold(lambda: seen.append("a"))
    held.hold(broken)
    assert held.release is not None
    with pytest.raises(RuntimeError):
        held.release()
    assert seen == ["a"]
