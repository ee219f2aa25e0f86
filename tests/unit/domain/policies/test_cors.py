"""What browsers are told of answers and preflights (A-38)."""

from typing import Any

from app.domain.entities.headers import Headers
from app.domain.entities.request import Request
from app.domain.policies.cors import Cors, Sharing
from tests.fakes import request

APP = b"https://app.example.com"


def cors(**given: Any) -> Cors:
    options: dict[str, Any] = {
        "origins": ("https://app.example.com",), "methods": ("GET", "PUT"), "headers": ("Content-Type", "x-a"),
        "expose": (), "credentials": False, "max_age": 600, "private_network": False, **given,
    }  # fmt: skip
    return Cors(Sharing(**options))


def preflight(origin: bytes = APP, *more: tuple[bytes, bytes]) -> Request:
    fields = [(b"origin", origin), (b"access-control-request-method", b"PUT"), *more]
    return request("/x", method="OPTIONS", headers=fields)


def added(rules: Cors, origin: bytes | None, headers: Headers | None = None) -> Headers:
    given = list(headers or [])
    rules.add(given, origin)
    return given


def test_an_answer_names_the_origin_that_asked_and_says_that_it_depends_on_it() -> None:
    rules = cors(expose=("X-Total", "etag"), credentials=True)
    assert added(rules, APP) == [
        (b"vary", b"origin"),
        (b"access-control-allow-origin", APP),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"x-total, etag"),
    ]


def test_a38_another_origin_and_null_are_never_reflected() -> None:
    for origin in (b"https://evil.example", b"null", b"\xff", None):
        assert added(cors(), origin) == [(b"vary", b"origin")]


def test_vary_is_said_once() -> None:
    for there in (b"Accept, Origin", b"*"):
        assert added(cors(), None, [(b"vary", there)]) == [(b"vary", there)]
    split = [(b"vary", b"x-origin"), (b"vary", b"accept")]
    assert added(cors(), None, split) == [*split, (b"vary", b"origin")]


def test_what_is_shared_with_everybody_depends_on_nobody() -> None:
    rules = cors(origins=("*",))
    assert added(rules, b"https://any.example") == added(rules, None) == [(b"access-control-allow-origin", b"*")]


def test_a_preflight_is_told_methods_fields_and_how_long_to_remember_them() -> None:
    assert cors(credentials=True).preflight(preflight()) == [
        (b"access-control-allow-origin", APP),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-allow-methods", b"GET, PUT"),
        (b"access-control-allow-headers", b"content-type, x-a"),
        (b"access-control-max-age", b"600"),
        (b"vary", b"origin, access-control-request-method, access-control-request-headers"),
    ]


def test_a38_a_preflight_of_another_origin_is_told_nothing() -> None:
    assert cors().preflight(preflight(b"https://app.example.com.evil.example")) is None


def names_allowed(rules: Cors, asked: Request) -> list[bytes]:
    return [value for name, value in rules.preflight(asked) or [] if name == b"access-control-allow-headers"]


def test_any_field_means_those_that_are_asked_for_as_far_as_they_are_names() -> None:
    rules = cors(headers=("*",))
    asked = preflight(APP, (b"access-control-request-headers", b"X-A, x-b,x c, ,\x7f"))
    assert names_allowed(rules, asked) == [b"x-a, x-b"]
    assert names_allowed(rules, preflight()) == []
    assert names_allowed(cors(headers=()), asked) == []


def test_private_networks_are_opened_only_where_that_is_asked_and_allowed() -> None:
    asks = preflight(APP, (b"access-control-request-private-network", b"true"))
    granted = (b"access-control-allow-private-network", b"true")
    assert granted in (cors(private_network=True).preflight(asks) or [])
    assert granted not in (cors(private_network=True).preflight(preflight()) or [])
    assert granted not in (cors().preflight(asks) or [])
