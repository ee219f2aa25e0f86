"""Fields about limits on answers."""

from app.application.services.limit_teller import LimitTeller
from app.domain.entities.decision import Decision, LimitState
from app.domain.entities.exchange import Exchange
from app.domain.entities.limit import Limit
from app.domain.entities.response import Response
from app.domain.refusals import LimitExceeded
from tests.fakes import exchange

MINE, OTHER = Limit("mine", 100, 60.0, 20), Limit("other", 5, 1.0, 5)
SERVICE = [(b"ratelimit", b'"its";r=1'), (b"x-ratelimit-limit", b"7")]


def said(*limits: Limit) -> Exchange:
    made = exchange()
    made.limits = [LimitState(limit, Decision(True, limit.count - 1, 0.5)) for limit in limits] or None
    return made


def test_the_first_that_asked_speaks_for_all_and_nobody_else_does() -> None:
    both, response = said(MINE, OTHER), Response(200, [])
    LimitTeller("draft", {"other"}.__contains__, [OTHER]).tell(both, response)
    assert response.headers == []
    LimitTeller("draft", {"mine"}.__contains__, [MINE]).tell(both, response)
    assert response.headers == [
        (b"ratelimit-policy", b'"100/min";q=100;w=60, "5/s";q=5;w=1'),
        (b"ratelimit", b'"5/s";r=4;t=1'),
    ]


def test_its_own_limits_are_all_named_though_not_all_were_asked() -> None:
    error = LimitExceeded()
    LimitTeller("draft", {"mine", "other"}.__contains__, [MINE, OTHER]).tell_of(said(OTHER), error)
    assert dict(error.headers)[b"ratelimit-policy"] == b'"100/min";q=100;w=60, "5/s";q=5;w=1'


def test_limits_that_are_not_known_beforehand_are_named_too() -> None:
    response = Response(200, [])
    LimitTeller("draft", "mine".__eq__).tell(said(MINE), response)
    assert response.headers[0] == (b"ratelimit-policy", b'"100/min";q=100;w=60')


def test_old_fields_of_the_service_are_replaced_and_new_ones_stand_beside() -> None:
    draft, both = Response(200, SERVICE.copy()), Response(200, SERVICE.copy())
    LimitTeller("draft", "mine".__eq__, [MINE]).tell(said(MINE), draft)
    LimitTeller("both", "mine".__eq__, [MINE]).tell(said(MINE), both)
    assert [value for name, value in draft.headers if name == b"ratelimit"] == [b'"its";r=1', b'"100/min";r=99;t=1']
    assert [value for name, value in both.headers if name == b"x-ratelimit-limit"] == [b"100"]


def test_nothing_is_said_where_nothing_was_asked_or_nothing_is_wanted() -> None:
    response, error = Response(200, SERVICE.copy()), LimitExceeded()
    LimitTeller("both", "mine".__eq__, [MINE]).tell(said(), response)
    LimitTeller("none", "mine".__eq__, [MINE]).tell(said(MINE), response)
    LimitTeller("none", "mine".__eq__, [MINE]).tell_of(said(MINE), error)
    assert (response.headers, error.headers) == (SERVICE, [])
