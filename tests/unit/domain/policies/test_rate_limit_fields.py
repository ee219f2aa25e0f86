"""Fields about limits."""

from app.domain.entities.decision import Decision, LimitState
from app.domain.entities.limit import Limit
from app.domain.policies.rate_limit_fields import fields_of, policy_of, strictest

MINUTE, DAY = Limit("a", 100, 60.0, 20), Limit("b", 5000, 86400.0, 0, "quota", "day")
ODD = Limit("c", 1, 90.5, 1)


def state(limit: Limit, allowed: bool, remaining: int, reset: float = 1.2) -> LimitState:
    return LimitState(limit, Decision(allowed, remaining, reset, 0.0 if allowed else 0.4))


def test_policies_name_rates_and_nothing_else() -> None:
    assert (
        policy_of([MINUTE, DAY, ODD, MINUTE]) == b'"100/min";q=100;w=60, "5000/day";q=5000;w=86400, "1/90.5s";q=1;w=91'
    )


def test_the_strictest_speaks() -> None:
    loose, tight, refusing = state(MINUTE, True, 9), state(DAY, True, 3), state(MINUTE, False, 0)
    assert strictest([loose, tight]) is tight
    assert strictest([tight, loose]) is tight
    assert strictest([state(DAY, True, 0), refusing]) is refusing
    assert strictest([refusing, state(DAY, True, 0)]) is refusing


def test_the_draft_and_the_old_fields() -> None:
    states = [state(MINUTE, True, 19)]
    draft = [(b"ratelimit-policy", b"p"), (b"ratelimit", b'"100/min";r=19;t=2')]
    legacy = [(b"x-ratelimit-limit", b"100"), (b"x-ratelimit-remaining", b"19"), (b"x-ratelimit-reset", b"2")]
    assert fields_of(states, b"p", "draft") == draft
    assert fields_of(states, b"p", "legacy") == legacy
    assert fields_of(states, b"p", "both") == draft + legacy
