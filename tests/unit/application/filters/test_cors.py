"""Filter `cors`."""

import pytest

from app.application.filters.cors import KIND, CorsFilter
from app.application.kinds import Place
from app.application.pipeline import compose
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.response import Response
from app.domain.refusals import Forbidden
from tests.fakes import exchange, request, tools

APP = "https://app.example.com"
ORIGIN = (b"origin", APP.encode())
ASKED = (b"access-control-request-method", b"PUT")
ALLOWED = (b"access-control-allow-origin", APP.encode())


def made(**options: object) -> CorsFilter:
    step = KIND.build({"origins": [APP], **options}, tools(), Place("routes.r", "0", "r"))
    assert isinstance(step, CorsFilter)
    return step


def asked(*headers: tuple[bytes, bytes], method: str = "GET", scheme: str = "https") -> Exchange:
    return exchange(request("/", method=method, headers=list(headers), scheme=scheme))


async def service(_: Exchange) -> Response:
    return Response(200, [(b"access-control-allow-origin", b"*"), (b"x-a", b"1"), (b"vary", b"accept")])


async def test_the_services_own_word_is_replaced() -> None:
    response = await compose([made()], service)(asked(ORIGIN))
    assert response.headers == [(b"x-a", b"1"), (b"vary", b"accept"), (b"vary", b"origin"), ALLOWED]
    other = await compose([made()], service)(asked((b"origin", b"https://evil.example")))
    assert other.headers == [(b"x-a", b"1"), (b"vary", b"accept"), (b"vary", b"origin")]


async def test_a_preflight_is_answered_and_goes_no_further() -> None:
    async def never(_: Exchange) -> Response:
        raise AssertionError("the service was asked")

    response = await compose([made(max_age="1h")], never)(asked(ORIGIN, ASKED, method="OPTIONS"))
    assert (response.status, response.body) == (204, b"")
    assert response.headers.count(ALLOWED) == 1
    assert (b"access-control-max-age", b"3600") in response.headers
    assert (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE") in response.headers
    assert (b"access-control-allow-headers", b"authorization, content-type") in response.headers


def test_a38_a_preflight_of_another_origin_is_refused() -> None:
    with pytest.raises(Forbidden) as caught:
        made().on_request(asked((b"origin", b"null"), ASKED, method="OPTIONS"))
    assert (caught.value.status, caught.value.code) == (403, "origin_not_allowed")


def test_options_that_are_no_preflight_go_on() -> None:
    assert made().on_request(asked(ORIGIN, method="OPTIONS")) is None
    assert made().on_request(asked(ORIGIN, ASKED)) is None


async def test_a_page_may_read_why_it_was_refused() -> None:
    async def refusing(_: Exchange) -> Response:
        raise Forbidden("no")

    step = made(credentials=True)
    assert hasattr(step, "on_error")  # what `compose` looks for
    with pytest.raises(Forbidden) as caught:
        await compose([step], refusing)(asked(ORIGIN))
    assert caught.value.headers == [(b"vary", b"origin"), ALLOWED, (b"access-control-allow-credentials", b"true")]


async def test_two_steps_tell_the_origin_once_on_a_refusal_too() -> None:
    """Browsers take no answer with two of these: a route may have the step, and use a chain that has it."""

    async def refusing(_: Exchange) -> Response:
        raise Forbidden("no")

    with pytest.raises(Forbidden) as caught:
        await compose([made(), made(credentials=True)], refusing)(asked(ORIGIN))
    assert caught.value.headers == [(b"vary", b"origin"), ALLOWED]


def test_websockets_are_left_alone() -> None:
    handshake = asked(ORIGIN, scheme="wss")
    headers: Headers = [(b"access-control-allow-origin", b"x")]
    response, error = Response(101, headers), Forbidden()
    made().on_response(handshake, response)
    made().on_error(handshake, error)
    assert (response.headers, error.headers) == (headers, [])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"origins": ["*"], "credentials": True}, "origins: * with credentials would let every site act"),
        ({"origins": ["*", APP]}, "origins: * stands for every origin"),
        ({"origins": [f"{APP}/"]}, "origins[0]: 'https://app.example.com/' is no origin"),
        ({"origins": [APP], "headers": ["a b"]}, "headers[0]: 'a b' is no name"),
        ({"origins": [APP], "methods": ["GET", ""]}, "methods[1]: '' is no name"),
        ({"origins": [APP], "expose": ["*"], "credentials": True}, "expose: * means nothing"),
    ],
)
def test_everything_wrong_is_said(options: dict[str, object], expected: str) -> None:
    [problem] = KIND.problems(options)
    assert problem.startswith(expected)
    with pytest.raises(ValueError, match=r"\w"):
        made(**options)


def test_it_is_described() -> None:
    assert KIND.problems({"origins": ["null", APP]}) == []
    assert KIND.describe({"origins": ["*"]}) == "shared with *"
    assert KIND.describe({"origins": [APP], "credentials": True}) == f"shared with {APP} with credentials"
