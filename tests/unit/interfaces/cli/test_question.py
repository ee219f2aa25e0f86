"""The request that METHOD, URL and fields stand for."""

import click
import pytest

from app.domain.errors import GatewayError
from app.domain.policies.addresses import TrustedProxies
from app.interfaces.cli.question import question
from app.interfaces.intake import Intake
from app.interfaces.limits import IntakeLimits

INTAKE = Intake(IntakeLimits(), TrustedProxies([]))


@pytest.mark.parametrize(
    ("url", "scheme", "host", "path", "query"),
    [
        ("https://A.example/users/7?x=1#top", "https", "a.example", "/users/7", "x=1"),
        ("http://a.example:8080", "http", "a.example", "/", ""),
        ("http://a.example?x=/y", "http", "a.example", "/", "x=/y"),
        ("a.example/x", "http", "a.example", "/x", ""),
        ("/x//y?q", "http", "localhost", "/x/y", "q"),
        ("/käse", "http", "localhost", "/k%C3%A4se", ""),
        ("wss://a.example/chat", "wss", "a.example", "/chat", ""),
    ],
)
def test_urls_are_read_as_clients_send_them(url: str, scheme: str, host: str, path: str, query: str) -> None:
    request = question(INTAKE, "GET", url, [])
    assert (request.scheme, request.host, request.path, request.query) == (scheme, host, path, query)


def test_fields_are_the_clients() -> None:
    request = question(INTAKE, "GET", "/x", ["Host: b.example", "X-Beta:1", "x-empty:"])
    assert request.host == "b.example"
    assert request.headers == [(b"host", b"b.example"), (b"x-beta", b"1"), (b"x-empty", b"")]


@pytest.mark.parametrize("url", ["ftp://a/", "http://", "http:///x", ""])
def test_what_is_no_url_is_bad_input(url: str) -> None:
    with pytest.raises(click.BadParameter):
        question(INTAKE, "GET", url, [])


@pytest.mark.parametrize("field", ["x", ": 1", ""])
def test_what_is_no_field_is_bad_input(field: str) -> None:
    with pytest.raises(click.BadParameter, match="expected 'name: value'"):
        question(INTAKE, "GET", "/", [field])


def test_what_the_gateway_refuses_is_refused() -> None:
    with pytest.raises(GatewayError):
        question(INTAKE, "GET", "/a/../b", [])
