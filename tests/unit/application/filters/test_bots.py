"""Filter `bots`."""

import pytest

from app.application.filters.bots import KIND
from app.application.kinds import Place
from app.domain.entities.response import Response
from app.domain.refusals import Forbidden
from tests.fakes import exchange, request, tools

PLACE = Place("routes.r", "0", "r")


def refused(options: object, agent: bytes | None) -> bool:
    headers = [] if agent is None else [(b"user-agent", agent)]
    try:
        KIND.build(options, tools(), PLACE).on_request(exchange(request(headers=headers)))
    except Forbidden as error:
        return error.code == "bot_refused"
    return False


def test_programs_are_refused_by_name_and_by_expression_with_exceptions() -> None:
    options = {"deny": ["curl", "~(?i)bot"], "allow": ["GoodBot"]}
    assert refused(options, b"curl/8")
    assert refused(options, b"EvilBot")
    assert not refused(options, b"GoodBot")
    assert not refused(options, None)


def test_those_without_a_name_are_refused_when_asked_for() -> None:
    assert refused({"empty": "deny"}, None)
    assert refused({"empty": "deny"}, b"")
    assert not refused({"empty": "deny"}, b"x")


def test_answers_are_left_alone() -> None:
    KIND.build({"deny": ["x"]}, tools(), PLACE).on_response(exchange(), Response(200, []))


def test_it_is_described_and_checked() -> None:
    options = {"deny": ["curl", "~bot"], "allow": ["x"], "empty": "deny"}
    assert KIND.problems(options) == []
    assert KIND.describe(options) == "deny curl, ~bot; allow x; deny those without a name"
    assert KIND.problems({}) == ["deny: nobody is listed, and empty is not deny: the step would do nothing"]
    assert KIND.problems({"deny": ["a", "~"], "allow": [" "]}) == ["deny[1]: is empty", "allow[0]: is empty"]
    for bad in ("", "~("):
        with pytest.raises(ValueError, match=r"is empty|not a regular expression"):
            KIND.build({"deny": [bad]}, tools(), PLACE)
