from math import inf

import pytest

from app.infrastructure.config.redis_agenda import RedisAgenda


@pytest.fixture
def agenda() -> RedisAgenda:
    return RedisAgenda(["services", "routes"], lambda: 0.5)


def test_nothing_to_do(agenda: RedisAgenda) -> None:
    assert agenda.ready(1e9) == []
    assert agenda.due_at() == inf


def test_a_change_is_read_at_once(agenda: RedisAgenda) -> None:
    agenda.changed("routes", 10.0)
    agenda.changed("routes", 11.0)
    assert agenda.due_at() == 10.0
    assert agenda.ready(10.0) == agenda.urgent() == ["routes"]
    agenda.begin("routes")
    assert agenda.ready(10.0) == agenda.urgent() == []


def test_after_reading_it_rests_for_as_long(agenda: RedisAgenda) -> None:
    agenda.begin("routes")
    agenda.done("routes", 10.0, 0.5)
    agenda.changed("routes", 10.1)
    assert agenda.due_at() == 10.5
    assert agenda.ready(10.4) == []


def test_a_write_that_was_told_of_is_checked_later(agenda: RedisAgenda) -> None:
    agenda.wrote("routes", 10.0)
    agenda.changed("routes", 10.0)
    assert agenda.urgent() == []
    assert agenda.due_at() == 11.0
    agenda.changed("routes", 10.1)
    assert agenda.due_at() == 10.1


def test_a_write_does_not_explain_for_ever(agenda: RedisAgenda) -> None:
    agenda.wrote("routes", 10.0)
    agenda.changed("routes", 11.0)
    assert agenda.urgent() == ["routes"]


def test_the_later_reading_takes_little_of_the_time(agenda: RedisAgenda) -> None:
    agenda.done("routes", 10.0, 0.1)
    agenda.found("routes", 20.0)
    assert agenda.due_at() == 22.0
    agenda.found("routes", 21.0)
    assert agenda.due_at() == 22.0


def test_what_another_finds_is_waited_for(agenda: RedisAgenda) -> None:
    agenda.changed("routes", 10.0)
    agenda.wait_for_other("routes", 10.0)
    assert agenda.ready(10.04) == []
    assert agenda.ready(10.06) == ["routes"]
    assert agenda.alone("routes")
    agenda.found("routes", 10.06)
    assert not agenda.alone("routes")
    assert agenda.urgent() == []
