"""What is known of a section: candidates, and what is kept."""

from app.domain.entities.config import ConfigProblem
from app.domain.entities.route import Route
from app.infrastructure.config.entity_section import NOT_READ, SectionState

OLD, NEW = Route(url="http://old"), Route(url="http://new")
WRONG = (ConfigProblem("s", "routes.a", "", "bad"),)


def test_the_candidate_is_what_stands_there_or_the_last_good_value() -> None:
    state = SectionState()
    assert state.candidate("a") is None
    state.take("a", b"1", WRONG)
    assert state.candidate("a") is None
    state.take("a", b"2", OLD)
    state.live["a"] = OLD
    assert state.candidate("a") is OLD
    state.take("a", b"3", NEW)
    assert state.candidate("a") is NEW
    state.take("a", b"4", WRONG)
    assert state.candidate("a") is OLD
    state.drop("a")
    assert state.candidate("a") is None
    assert state.seen == {}


def test_what_is_kept_is_what_is_live() -> None:
    state = SectionState()
    state.take("a", b"1", OLD)
    state.live["a"] = OLD
    state.keep("a")
    assert state.seen["a"] == b"1"
    state.take("a", b"2", WRONG)
    assert state.kept == set()
    state.keep("a")
    assert (state.seen["a"], state.candidate("a"), state.bad) == (NOT_READ, OLD, {})
    assert state.kept == {"a"}
