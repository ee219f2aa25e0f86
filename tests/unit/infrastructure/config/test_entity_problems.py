"""Problems: kept by what they are about, told once, bounded."""

from app.domain.entities.config import ConfigProblem
from app.infrastructure.config.entity_problems import LONGEST, MOST_OF_ONE, MOST_TOLD, ProblemTable, bounded
from tests.fakes import RecordedEvents

KEY = ("routes", "a")


def problem(reason: str, id_: str = "a") -> tuple[ConfigProblem, ...]:
    return (ConfigProblem("s", f"routes.{id_}", "", reason),)


def told(events: RecordedEvents, table: ProblemTable) -> list[tuple[str, str]]:
    table.tell()
    seen, events.seen = events.seen, []
    return [(level, str(next(iter(fields.values())))) for level, _, fields in seen]


def test_a_problem_is_told_when_it_comes_changes_and_goes() -> None:
    events = RecordedEvents()
    table = ProblemTable(events)
    table.set(KEY, problem("bad"))
    assert told(events, table) == [("error", "s: routes.a: bad")]
    table.set(KEY, problem("bad"))
    assert told(events, table) == []
    table.set(KEY, problem("worse"))
    assert told(events, table) == [("error", "s: routes.a: worse")]
    table.set(KEY, ())
    assert told(events, table) == [("info", "routes.a")]
    table.set(KEY, ())
    assert told(events, table) == []


def test_quiet_changes_of_words_are_kept_but_not_told() -> None:
    events = RecordedEvents()
    table = ProblemTable(events)
    table.set(KEY, problem("one"), quiet=True)
    table.tell()
    table.changed()
    events.seen.clear()
    table.set(KEY, problem("two"), quiet=True)
    assert told(events, table) == []
    assert table.all() == problem("two")
    assert table.changed() == {KEY: problem("two")}
    assert table.changed() == {}
    table.set(KEY, (), quiet=True)
    assert told(events, table) == [("info", "routes.a")]


def test_problems_of_the_store_and_of_sections_come_first() -> None:
    table = ProblemTable(RecordedEvents())
    for key in (("services", "a"), ("routes", "b"), ("routes", ""), ("", "")):
        table.set(key, problem(".".join(key)))
    assert [one.reason for one in table.all()] == [".", "routes.", "routes.b", "services.a"]


def test_a_store_full_of_mistakes_does_not_fill_the_log() -> None:
    events = RecordedEvents()
    table = ProblemTable(events)
    for number in range(MOST_TOLD + 50):
        table.set(("routes", str(number)), problem("bad", str(number)))
    seen = told(events, table)
    assert len(seen) == MOST_TOLD + 1
    assert seen[-1] == ("error", "50")


def test_what_is_kept_of_one_entity_is_bounded() -> None:
    many = [ConfigProblem("s", "routes.a", "f" * 9999, "r" * 9999) for _ in range(99)]
    kept = bounded(many)
    assert len(kept) == MOST_OF_ONE
    assert {(len(one.field), len(one.reason)) for one in kept} == {(LONGEST, LONGEST)}
    assert bounded([*problem("short")]) == problem("short")
