"""Requests that nobody sends."""

import pytest

from app.domain.errors import GatewayError
from app.domain.policies.addresses import TrustedProxies
from app.interfaces.intake import Intake
from app.interfaces.limits import IntakeLimits
from app.interfaces.question import Question, headers_of, request_of, scope_of

INTAKE = Intake(IntakeLimits(), TrustedProxies(()))


def test_a_url_with_everything() -> None:
    request = request_of(Question("https://Example.com:8443/a/b?x=1#top", "POST", {"X-A": "1"}), INTAKE)
    assert (request.method, request.scheme, request.authority) == ("POST", "https", "example.com:8443")
    assert (request.path, request.query, request.fields[b"x-a"]) == ("/a/b", "x=1", b"1")


@pytest.mark.parametrize(
    ("url", "headers", "authority", "target"),
    [
        ("/a?b", {}, "localhost", "/a?b"),
        ("/a", {"Host": "api.example"}, "api.example", "/a"),
        ("http://h", {}, "h", "/"),
        ("http://h?x", {}, "h", "/?x"),
        ("http://h/é%20ü?ö", {}, "h", "/%C3%A9%20%C3%BC?%C3%B6"),
    ],
)
def test_short_urls(url: str, headers: dict[str, str | list[str]], authority: str, target: str) -> None:
    scope = scope_of(Question(url, headers=headers))
    assert dict(scope["headers"])[b"host"] == authority.encode()
    query = f"?{scope['query_string'].decode()}" if scope["query_string"] else ""
    assert scope["raw_path"].decode() + query == target


def test_fields_on_several_lines() -> None:
    request = request_of(Question("/", headers={"x-a": ["1", " 2 "]}), INTAKE)
    assert request.fields[b"x-a"] == b"1, 2"


def test_a_websocket() -> None:
    assert scope_of(Question("wss://h/a"))["type"] == "websocket"


@pytest.mark.parametrize("url", ["", "h/a", "ftp://h/", "http://", "http:///a"])
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        scope_of(Question(url))


def test_what_the_gateway_refuses() -> None:
    with pytest.raises(GatewayError):
        request_of(Question("/", "CONNECT"), INTAKE)


def test_lines_of_a_head() -> None:
    assert headers_of(["X-A: 1", "x-b:2", "X-A: 3 "]) == {"X-A": ["1", "3"], "x-b": ["2"]}
    with pytest.raises(ValueError, match="expected 'name: value'"):
        headers_of(["x"])
