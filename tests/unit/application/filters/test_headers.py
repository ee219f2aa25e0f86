"""Filter `headers`."""

import pytest

from app.application.filters.headers import HeadersFilter, Options, build, describe, problems
from app.application.kinds import Place
from app.application.pipeline import compose
from app.domain.entities.exchange import Exchange
from app.domain.entities.request import Client, Request
from app.domain.entities.response import Response
from tests.fakes import tools


def made(options: object) -> HeadersFilter:
    return build(options, tools(), Place("routes.r", "0", "r"))


def exchange(*headers: tuple[bytes, bytes]) -> Exchange:
    request = Request(
        method="GET", scheme="http", authority="a.example", host="a.example", path="/", query="",
        headers=list(headers), fields=dict(headers), client=Client("192.0.2.1", "192.0.2.1"),
    )  # fmt: skip
    return Exchange(id="x", request=request, started=0.0)


def test_request_fields_are_removed_set_and_added_in_that_order() -> None:
    step = made({"request": {"remove": ["X-Old"], "set": {"X-A": "new"}, "add": {"x-b": ["2", "3"], "x-old": "back"}}})
    seen = exchange((b"x-a", b"1"), (b"x-old", b"1"), (b"x-b", b"1"), (b"x-a", b"2"), (b"x-kept", b"1"))
    step.on_request(seen)
    assert seen.request.headers == [
        (b"x-b", b"1"), (b"x-kept", b"1"), (b"x-a", b"new"), (b"x-b", b"2"), (b"x-b", b"3"), (b"x-old", b"back"),
    ]  # fmt: skip
    assert seen.request.fields == {b"x-b": b"1, 2, 3", b"x-kept": b"1", b"x-a": b"new", b"x-old": b"back"}


def test_an_added_cookie_is_joined_as_cookies_are() -> None:
    seen = exchange((b"cookie", b"a=1"))
    made({"request": {"add": {"cookie": "b=2"}}}).on_request(seen)
    assert seen.request.fields[b"cookie"] == b"a=1; b=2"


def test_connection_cannot_name_what_the_filter_sets() -> None:
    seen = exchange((b"connection", b"x-user"), (b"x-user", b"forged"))
    made({"request": {"set": {"x-user": "set"}}}).on_request(seen)
    assert seen.request.headers == [(b"x-user", b"set")]
    assert seen.request.fields == {b"x-user": b"set"}


def test_a_filter_for_responses_leaves_requests_alone() -> None:
    seen = exchange((b"connection", b"x-user"))
    before = seen.request.headers
    made({"response": {"remove": ["server"]}}).on_request(seen)
    assert seen.request.headers is before


def test_a_filter_for_requests_leaves_responses_alone() -> None:
    response = Response(200, [(b"server", b"nginx")])
    before = response.headers
    made({"request": {"remove": ["server"]}}).on_response(exchange(), response)
    assert response.headers is before


async def test_response_fields_change_on_the_way_back() -> None:
    sent = [(b"server", b"nginx"), (b"set-cookie", b"a=1"), (b"x-a", b"1")]

    async def endpoint(_: Exchange) -> Response:
        return Response(200, list(sent))

    step = made({"response": {"remove": ["Server"], "set": {"x-a": "2"}, "add": {"set-cookie": "b=2"}}})
    response = await compose([step], endpoint)(exchange())
    assert response.headers == [(b"set-cookie", b"a=1"), (b"x-a", b"2"), (b"set-cookie", b"b=2")]


def test_options_of_one_filter_are_not_shared_between_responses() -> None:
    step = made({"response": {"add": {"x-a": "1"}}})
    first, second = Response(200, []), Response(200, [])
    step.on_response(exchange(), first)
    first.headers.append((b"x-b", b"2"))
    step.on_response(exchange(), second)
    assert second.headers == [(b"x-a", b"1")]


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize("verb", ["set", "add", "remove"])
@pytest.mark.parametrize(
    "name", ["Connection", "transfer-encoding", "Content-Length", "upgrade", "te", "", "a b", "é", "a:"]
)
def test_names_that_may_not_be_changed(direction: str, verb: str, name: str) -> None:
    with pytest.raises(ValueError, match=rf"{direction}\.{verb}: "):
        made({direction: {verb: [name] if verb == "remove" else {name: "x"}}})


@pytest.mark.parametrize(
    "name",
    [
        "host",
        "X-Forwarded-For",
        "via",
        "x-request-id",
        "forwarded",
        "x-forwarded-prefix",
        "x_a",
        "X-Consumer-Id",
        "x-consumer-groups",
        "x-credential-id",
        "client-cert",
    ],
)
def test_request_fields_that_the_gateway_owns(name: str) -> None:
    with pytest.raises(ValueError, match=r"request\.set: "):
        made({"request": {"set": {name: "x"}}})


def test_response_fields_of_those_names_are_free() -> None:
    assert problems(Options()) == []
    made({"response": {"remove": ["via", "server", "x-request-id"]}})


@pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "\x00", "é", " a", "a ", "a\tb", "\x7f"])
def test_values_that_would_break_a_head(value: str) -> None:
    with pytest.raises(ValueError, match=r"response\.add\.x-a: expected printable ASCII"):
        made({"response": {"add": {"x-a": ["fine", value]}}})


def test_a_step_is_described_in_one_line() -> None:
    options = {"request": {"set": {"x-a": "1", "x-b": "2"}}, "response": {"remove": ["server"]}}
    assert describe(options) == "request set x-a, x-b; response remove server"
    assert describe({}) == "nothing"
