import pytest

from app.application import likes
from app.application.likes import LONGEST, Likes, key_of
from app.infrastructure.config.secrets import Secret


def test_keys_tell_types_apart() -> None:
    values = [1, 1.0, True, "1", None, [1], (1,), {"a": 1}, {"a": "1"}, {"a": True}, {1: "a"}, {"1": "a"}]
    assert len({key_of(value) for value in values}) == len(values)
    assert key_of({"headers": {"a": ["b"]}}) == key_of({"headers": {"a": ["b"]}})


def test_what_is_long_or_secret_has_no_key() -> None:
    assert key_of("a" * LONGEST) == key_of({"key": Secret("hush", "env:KEY")}) == b""


def test_all_go_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likes, "MOST", 2)
    values: Likes[int] = Likes()
    for number in range(3):
        values.put(b"%d" % number, number)
    assert [values.get(b"%d" % number) for number in range(3)] == [None, None, 2]


def test_nothing_is_remembered_without_a_key() -> None:
    values: Likes[int] = Likes()
    values.put(b"", 1)
    assert values.get(b"") is None
