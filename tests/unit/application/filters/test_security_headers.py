"""Filter `security_headers`."""

import pytest

from app.application.filters.security_headers import KIND, SecurityHeadersFilter
from app.application.kinds import Place
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.refusals import Forbidden
from tests.fakes import exchange, request, tools

PLAIN = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
]
SECURE = [(b"strict-transport-security", b"max-age=31536000"), *PLAIN]


def made(options: object = None) -> SecurityHeadersFilter:
    step = KIND.build(options or {}, tools(), Place("routes.r", "0", "r"))
    assert isinstance(step, SecurityHeadersFilter)
    return step


def over(scheme: str) -> Exchange:
    return exchange(request(scheme=scheme))


def answered(step: SecurityHeadersFilter, headers: Headers, scheme: str = "https") -> Headers:
    response = Response(200, headers)
    step.on_request(over(scheme))
    step.on_response(over(scheme), response)
    return response.headers


def test_an_answer_gets_what_it_does_not_have_and_loses_what_tells_of_the_service() -> None:
    given = [(b"server", b"nginx/1.2"), (b"x-powered-by", b"PHP"), (b"x-a", b"1")]
    assert answered(made(), given) == [(b"x-a", b"1"), *SECURE]
    assert answered(made(), []) == SECURE


def test_transport_security_is_a_matter_of_https() -> None:
    assert answered(made(), [], "http") == PLAIN


def test_the_services_word_counts_unless_it_is_overridden() -> None:
    own = [(b"x-frame-options", b"DENY")]
    assert answered(made(), own) == [*own, *[field for field in SECURE if field[0] != b"x-frame-options"]]
    assert answered(made({"override": True}), own) == SECURE


def test_each_can_be_changed_or_switched_off() -> None:
    options = {
        "strict_transport_security": "max-age=60; includeSubDomains", "x_frame_options": "off", "referrer_policy": "",
        "content_security_policy": "frame-ancestors 'none'", "remove": ["X-Debug"],
    }  # fmt: skip
    assert answered(made(options), [(b"server", b"nginx"), (b"x-debug", b"1")]) == [
        (b"server", b"nginx"),
        (b"strict-transport-security", b"max-age=60; includeSubDomains"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"frame-ancestors 'none'"),
    ]


def test_answers_do_not_share_their_fields() -> None:
    step = made()
    answered(step, []).append((b"x-a", b"1"))
    assert answered(step, []) == SECURE


@pytest.mark.parametrize(("scheme", "expected"), [("https", SECURE), ("http", PLAIN), ("wss", [])])
def test_refusals_carry_them_too(scheme: str, expected: Headers) -> None:
    error = Forbidden("no", headers=[(b"x-a", b"1")])
    assert hasattr(made(), "on_error")  # what `compose` looks for
    made().on_error(over(scheme), error)
    assert error.headers == [(b"x-a", b"1"), *expected]


def test_two_steps_add_each_field_once_to_a_refusal() -> None:
    error = Forbidden("no")
    for _ in range(2):
        made().on_error(over("https"), error)
    assert error.headers == SECURE


def test_websockets_are_left_alone() -> None:
    assert answered(made(), [(b"server", b"x")], "wss") == [(b"server", b"x")]


def test_it_is_described_and_checked() -> None:
    assert KIND.problems({}) == []
    assert KIND.describe({"x_frame_options": "off", "override": True}) == (
        "sets strict-transport-security, x-content-type-options, referrer-policy"
    )
    assert KIND.problems({"x_frame_options": "a\r\nb: c", "remove": ["a b", ""]}) == [
        "x_frame_options: expected printable ASCII without blanks around it, got 'a\\r\\nb: c'",
        "remove[0]: 'a b' is no field name",
        "remove[1]: '' is no field name",
    ]
    with pytest.raises(ValueError, match="printable"):
        made({"permissions_policy": " x"})
