"""From an ASGI scope to a Request: what is accepted and how it is spelled, what is refused and with which status."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.domain.entities.headers import Headers
from app.domain.entities.request import Request
from app.domain.errors import DownstreamError
from app.domain.policies.addresses import TrustedProxies
from app.interfaces.asgi import Message
from app.interfaces.inbound_body import InboundBody
from app.interfaces.intake import EarlyHints, Intake, refused_request
from app.interfaces.limits import IntakeLimits
from tests.asgi import Server, http_scope, part

PROXY = "10.1.2.3"
DEFAULTS = IntakeLimits()


def take(path: bytes = b"/", limits: IntakeLimits = DEFAULTS, trusted: Sequence[str] = (), **scope: Any) -> Request:
    """The request of a scope; fields of the scope itself in capitals (`TYPE=…`)."""
    own = {name.lower(): scope.pop(name) for name in list(scope) if name.isupper()}
    server = Server(part(b"abc"))
    made = {**http_scope(path, **scope), **own}
    return Intake(limits, TrustedProxies(trusted)).request(made, server.receive, server.send)


def refusal(path: bytes = b"/", limits: IntakeLimits = DEFAULTS, **scope: Any) -> DownstreamError:
    with pytest.raises(DownstreamError) as refused:
        take(path, limits, **scope)
    return refused.value


def host(value: bytes) -> Headers:
    return [(b"host", value)]


def test_a_plain_request() -> None:
    headers = [(b"host", b"x.org"), (b"accept", b"*/*"), (b"a", b"1"), (b"a", b"2")]
    request = take(b"/a", query=b"b=c", headers=headers, method="GET", version="1.0")
    assert (request.method, request.scheme, request.authority, request.host) == ("GET", "http", "x.org", "x.org")
    assert (request.path, request.query, request.target, request.version) == ("/a", "b=c", "/a?b=c", "1.0")
    assert request.headers == headers
    assert request.fields == {b"host": b"x.org", b"accept": b"*/*", b"a": b"1, 2"}
    assert (request.client.address, request.client.port, request.client.trusted) == ("192.0.2.1", 4711, False)
    assert (request.body, request.length, request.encoded_slash) == (b"", 0, False)


# Bodies


@pytest.mark.parametrize(
    ("fields", "version", "length"),
    [
        ([(b"content-length", b"3")], "1.1", 3),
        ([(b"transfer-encoding", b"chunked")], "1.1", None),
        ([], "2", None),
    ],
)
async def test_a_body_is_a_stream_of_what_the_server_receives(
    fields: Headers, version: str, length: int | None
) -> None:
    request = take(method="POST", headers=fields, version=version)
    assert request.length == length
    assert isinstance(request.body, InboundBody)
    assert [chunk async for chunk in request.body] == [b"abc"]


def test_a_websocket_handshake_is_a_get_without_a_body() -> None:
    request = take(TYPE="websocket", SCHEME="wss", headers=[(b"content-length", b"0")])
    assert (request.method, request.scheme, request.body, request.length) == ("GET", "wss", b"", 0)
    for field in ((b"content-length", b"3"), (b"transfer-encoding", b"chunked")):
        refused = refusal(TYPE="websocket", SCHEME="wss", headers=[field])
        assert (refused.status, refused.code, refused.close) == (400, "bad_framing", True)


def test_p20_framing_in_doubt_is_refused_and_the_connection_closed() -> None:
    error = refusal(headers=[(b"content-length", b"3"), (b"transfer-encoding", b"chunked")])
    assert (error.status, error.close) == (400, True)


def test_p29_an_expectation_that_nobody_can_meet() -> None:
    assert refusal(headers=[(b"expect", b"tea")]).status == 417
    assert take(headers=[(b"expect", b"100-continue")]).fields[b"expect"] == b"100-continue"


# Host


@pytest.mark.parametrize(
    "value",
    [b"", b"a,b", b"a b", b"u@a", b"a/b", b"a?b", b"a#b", b"a:x", b"a:99999", b"[::1", b"\xe4", b".", b"a" * 300],
)
def test_p08_a_host_that_is_no_authority(value: bytes) -> None:
    error = refusal(headers=host(value))
    assert (error.status, error.code, error.close) == (400, "bad_host", True)


def test_p08_a_host_that_is_missing() -> None:
    error = refusal(HEADERS=[])
    assert (error.status, error.code) == (400, "bad_host")


def test_p08_two_hosts_even_when_they_are_equal() -> None:
    error = refusal(headers=host(b"a") + host(b"a"))
    assert (error.status, error.code, error.close) == (400, "bad_framing", True)


@pytest.mark.parametrize(
    ("value", "scheme", "authority", "name"),
    [
        (b"ExAmPlE.org", "http", "example.org", "example.org"),
        (b"example.org.", "http", "example.org", "example.org"),
        (b"example.org:80", "http", "example.org", "example.org"),
        (b"example.org:443", "https", "example.org", "example.org"),
        (b"example.org:443", "http", "example.org:443", "example.org"),
        (b"EXAMPLE.ORG.:8080", "http", "example.org:8080", "example.org"),
        (b"[2001:DB8::0:1]:80", "http", "[2001:db8::1]", "[2001:db8::1]"),
    ],
)
def test_p52_hosts_are_lower_case_without_trailing_dot_and_default_port(
    value: bytes, scheme: str, authority: str, name: str
) -> None:
    request = take(headers=host(value), SCHEME=scheme)
    assert (request.authority, request.host) == (authority, name)


def test_p52_paths_keep_their_case() -> None:
    assert take(b"/Users/Ada").path == "/Users/Ada"


# Targets


@pytest.mark.parametrize(
    ("target", "authority", "path"),
    [
        (b"http://other.org/a/b", "other.org", "/a/b"),
        (b"HTTP://OTHER.org:8080/a", "other.org:8080", "/a"),
        (b"https://other.org/", "other.org", "/"),
        (b"http://other.org", "other.org", "/"),
        (b"http://other.org//a///b", "other.org", "/a/b"),
    ],
)
def test_p40_the_authority_of_an_absolute_target_replaces_host(target: bytes, authority: str, path: str) -> None:
    request = take(target, query=b"q=1", headers=host(b"named.org"))
    assert (request.authority, request.path, request.query) == (authority, path, "q=1")


@pytest.mark.parametrize(
    "target", [b"http:///a", b"http://u:p@other.org/a", b"http://a,b/", b"http://", b"http://other.org#x"]
)
def test_p40_an_absolute_target_without_a_good_authority(target: bytes) -> None:
    error = refusal(target)
    assert (error.status, error.code, error.close) == (400, "bad_host", True)


def test_p40_an_absolute_target_does_not_excuse_a_missing_host() -> None:
    error = refusal(b"http://other.org/a", HEADERS=[])
    assert (error.status, error.code, error.close) == (400, "bad_host", True)


def test_p40_the_path_of_an_absolute_target_is_checked_like_any_other() -> None:
    assert refusal(b"http://other.org/a/../admin").code == "bad_path"


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_p41_the_asterisk_is_no_target_of_other_methods(method: str) -> None:
    error = refusal(b"*", method=method)
    assert (error.status, error.code, error.close) == (400, "bad_target", True)


def test_p41_options_may_be_about_the_server() -> None:
    assert take(b"*", method="OPTIONS").path == "*"
    assert refusal(b"**", method="OPTIONS").code == "bad_target"


@pytest.mark.parametrize("target", [b"other.org:443", b"/"])
def test_p42_connect(target: bytes) -> None:
    error = refusal(target, method="CONNECT")
    assert (error.status, error.code, error.close) == (405, "method_not_allowed", True)


def test_p42_an_authority_is_no_target_of_other_methods() -> None:
    assert refusal(b"other.org:443").code == "bad_target"


def test_p43_trace() -> None:
    assert refusal(method="TRACE").status == 405


@pytest.mark.parametrize("target", [b"", b"admin", b"admin#x", b"?q", b"ftp://x/", b"//@/../x"[2:], b"file:///etc"])
def test_p44_targets_that_do_not_start_with_a_slash(target: bytes) -> None:
    error = refusal(target)
    assert (error.status, error.code, error.close) == (400, "bad_target", True)


def test_p44_a_server_that_gives_no_raw_path_is_not_guessed_at() -> None:
    assert refusal(RAW_PATH=None).code == "bad_target"


@pytest.mark.parametrize("path", [b"/a#b", b"/a b", b"/a\tb", b"/a\x00b", b"/a\x7fb", b"/\xc3\xa4", b"/a?b"])
def test_p44_bytes_that_may_not_stand_in_a_path(path: bytes) -> None:
    error = refusal(path)
    assert (error.status, error.code) == (400, "bad_path")


@pytest.mark.parametrize("query", [b"a#b", b"a b", b"a\r\nb", b"\xc3\xa4"])
def test_p44_bytes_that_may_not_stand_in_a_query(query: bytes) -> None:
    error = refusal(query=query)
    assert (error.status, error.code) == (400, "bad_query")


@pytest.mark.parametrize("method", ["GET /admin HTTP/1.1", "", "G\xc4T", "GET\n", "(GET)"])
def test_p45_methods_that_are_no_tokens(method: str) -> None:
    error = refusal(method=method)
    assert (error.status, error.code, error.close) == (400, "bad_method", True)


@pytest.mark.parametrize("method", ["PURGE", "gEt", "M-SEARCH", "connect"])
def test_p45_unknown_methods_pass_in_the_case_in_which_they_came(method: str) -> None:
    assert take(method=method).method == method


@pytest.mark.parametrize(
    "path",
    [b"/.", b"/..", b"/a/../b", b"/a/./b", b"/a/%2e%2e/b", b"/a/%2E./b", b"/a/.%2e", b"/..;x/b", b"/a/..%2fb"],
)
def test_p47_dot_segments_in_any_spelling(path: bytes) -> None:
    error = refusal(path)
    assert (error.status, error.code) == (400, "bad_path")


@pytest.mark.parametrize("path", [b"/api../x", b"/...", b"/.well-known/x", b"/a..b", b"/a.b"])
def test_p47_other_dots_are_data(path: bytes) -> None:
    assert take(path).path == path.decode()


@pytest.mark.parametrize("path", [b"/a%2Fb", b"/a%2fb", b"/a%5Cb", b"/a%5cb"])
def test_p48_encoded_slashes_are_marked_for_the_route_to_decide(path: bytes) -> None:
    request = take(path)
    assert (request.encoded_slash, request.path) == (True, path.decode().upper().replace("A", "a").replace("B", "b"))


def test_p48_a_plain_backslash_is_refused() -> None:
    assert refusal(b"/a\\b").status == 400


@pytest.mark.parametrize("path", [b"//a/b", b"/a//b", b"/a////b"])
def test_p49_slashes_are_merged(path: bytes) -> None:
    assert take(path).path == "/a/b"


@pytest.mark.parametrize(
    "path",
    [b"/%00", b"/a%0d%0ab", b"/%7f", b"/%zz", b"/%1", b"/%", b"/%c0%af", b"/%e0%80%af", b"/%ff", b"/%ed%a0%80"],
)
def test_p50_escapes_that_are_broken_or_hide_something(path: bytes) -> None:
    error = refusal(path)
    assert (error.status, error.code) == (400, "bad_path")


def test_p50_escapes_have_one_spelling() -> None:
    assert take(b"/%61%c3%a4%7e").path == "/a%C3%A4~"


def test_p51_parameters_of_a_segment_are_a_literal_part_of_it() -> None:
    assert take(b"/admin;x=1/b").path == "/admin;x=1/b"


# Limits

SMALL = IntakeLimits(max_head=40, max_headers=3, max_target=10)


def test_p65_the_number_of_fields() -> None:
    three = [(b"host", b"t"), (b"a", b"1"), (b"b", b"2")]
    assert len(take(limits=SMALL, headers=three).headers) == 3
    error = refusal(limits=SMALL, headers=[*three, (b"c", b"3")])
    assert (error.status, error.code, error.close) == (431, "fields_too_large", True)


def test_p65_the_size_of_all_fields() -> None:
    fields = [(b"host", b"t"), (b"a", b"x" * 34)]
    assert take(limits=SMALL, headers=fields).fields[b"a"] == b"x" * 34
    assert refusal(limits=SMALL, headers=[fields[0], (b"a", b"x" * 35)]).status == 431


def test_p65_the_length_of_the_target() -> None:
    assert take(b"/12345", limits=SMALL, query=b"789a").target == "/12345?789a"
    error = refusal(b"/12345", limits=SMALL, query=b"789ab")
    assert (error.status, error.code, error.close) == (414, "target_too_long", True)


def test_p65_the_number_of_segments() -> None:
    assert take(b"/x" * 256).path == "/x" * 256
    error = refusal(b"/x" * 257)
    assert (error.status, error.code, error.close) == (414, "target_too_long", True)


def test_p65_the_limits_that_are_promised() -> None:
    assert (DEFAULTS.max_head, DEFAULTS.max_headers, DEFAULTS.max_target) == (16 * 1024, 100, 8 * 1024)


def test_p12_controls_in_fields() -> None:
    assert refusal(headers=[(b"a", b"b\x00")]).code == "bad_field"


# Clients and proxies


def test_p04_an_untrusted_peer_says_nothing_about_scheme_or_address() -> None:
    fields = [(b"x-forwarded-proto", b"https"), (b"x-forwarded-for", b"203.0.113.9")]
    request = take(headers=fields, peer=PROXY)
    assert (request.scheme, request.client.address, request.client.trusted) == ("http", PROXY, False)


@pytest.mark.parametrize(
    ("told", "kind", "scheme", "taken"),
    [
        (b"https", "http", "http", "https"),
        (b"HTTPS", "http", "http", "https"),
        (b"http", "http", "https", "http"),
        (b"http, https", "http", "http", "https"),
        (b"gopher", "http", "http", "http"),
        (b"https", "websocket", "ws", "wss"),
        (b"wss", "websocket", "ws", "wss"),
        (b"http", "websocket", "wss", "ws"),
    ],
)
def test_p05_a_trusted_proxy_tells_the_scheme(told: bytes, kind: str, scheme: str, taken: str) -> None:
    fields = [(b"x-forwarded-proto", told)]
    request = take(headers=fields, peer=PROXY, trusted=["10.0.0.0/8"], TYPE=kind, SCHEME=scheme)
    assert request.scheme == taken


def test_p05_the_scheme_that_a_proxy_tells_decides_the_default_port() -> None:
    fields = [(b"host", b"x.org:443"), (b"x-forwarded-proto", b"https")]
    assert take(headers=fields, peer=PROXY, trusted=[PROXY]).authority == "x.org"


def test_p05_a_trusted_proxy_tells_the_client() -> None:
    fields = [(b"x-forwarded-for", b"203.0.113.9, 198.51.100.7")]
    client = take(headers=fields, peer=PROXY, trusted=["10.0.0.0/8"]).client
    assert (client.address, client.peer, client.trusted) == ("198.51.100.7", PROXY, True)


@pytest.mark.parametrize("client", [None, ("", None)])
def test_a_peer_that_the_server_cannot_name(client: tuple[str, int | None] | None) -> None:
    request = take(CLIENT=client)
    assert (request.client.address, request.client.port, request.client.trusted) == ("", 0, False)


# Early hints


async def test_p28_links_of_early_hints_reach_a_server_that_can_send_them() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = http_scope(extensions={"http.response.early_hint": {}})
    request = Intake(IntakeLimits(), TrustedProxies()).request(scope, Server().receive, send)
    assert isinstance(request.on_early_hints, EarlyHints)
    await request.on_early_hints([(b"link", b"</a>"), (b"x-secret", b"1"), (b"link", b"</b>")])
    assert sent == [{"type": "http.response.early_hint", "links": [b"</a>", b"</b>"]}]
    await request.on_early_hints([(b"x-secret", b"1")])
    assert len(sent) == 1


@pytest.mark.parametrize("extensions", [{}, {"http.response.trailers": {}}])
def test_p28_other_servers_get_none(extensions: dict[str, object]) -> None:
    assert take(extensions=extensions).on_early_hints is None
    assert take(EXTENSIONS=None).on_early_hints is None


# What is told of refused requests


def test_a_refused_request_is_told_of_as_it_came() -> None:
    scope = http_scope(b"/a/../b", method="GET", query=b"q=1", headers=[(b"a", b"b")], version="1.0")
    request = refused_request(scope)
    assert (request.method, request.scheme, request.path, request.query) == ("GET", "http", "/a/../b", "q=1")
    assert (request.client.address, request.client.port, request.version) == ("192.0.2.1", 4711, "1.0")
    assert (request.headers, request.fields, request.body, request.authority) == ([], {}, b"", "")


def test_a_refused_request_is_told_of_in_few_words_whatever_it_was() -> None:
    scope = http_scope(b"/" + b"\xff" * 5000, query=b"q" * 5000, method="M" * 500)
    request = refused_request({**scope, "client": None})
    assert (len(request.method), len(request.path), len(request.query)) == (32, 1024, 1024)
    assert (request.client.address, request.client.port) == ("", 0)


def test_a_refused_handshake_and_a_scope_without_target_are_told_of_too() -> None:
    request = refused_request({"type": "websocket", "scheme": "ws", "http_version": "1.1", "raw_path": None})
    assert (request.method, request.path, request.query) == ("GET", "", "")


def test_the_certificate_of_a_client_is_told_by_its_connection_or_a_trusted_proxy() -> None:
    pem = "-----BEGIN CERTIFICATE-----\neA==\n-----END CERTIFICATE-----\n"
    tls = {"tls": {"client_cert_chain": [pem]}}
    told = [*host(b"x.org"), (b"client-cert", b":eXk=:")]
    assert take(headers=host(b"x.org"), EXTENSIONS=tls).client.certificate == b"x"
    assert take(headers=told, EXTENSIONS=tls).client.certificate == b"x"
    assert take(headers=told).client.certificate == b""
    assert take(headers=told, EXTENSIONS=tls, trusted=["192.0.2.1"]).client.certificate == b"yy"
    assert take(headers=host(b"x.org"), EXTENSIONS=None).client.certificate == b""
