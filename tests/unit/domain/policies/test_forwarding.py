"""Fields across the gateway, both ways: P-01 to P-14, P-30."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.headers import Headers, values
from app.domain.entities.request import Client, Request
from app.domain.policies.forwarding import (
    ALIASES,
    FRAMING,
    HOP_BY_HOP,
    IDENTITY,
    WRITTEN,
    drop_named,
    from_client,
    request_headers,
    response_headers,
    trailers,
)

TRACE = b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"
CLIENT = Client("203.0.113.7", "203.0.113.7", 4711, False)
PROXY = Client("203.0.113.7", "10.0.0.1", 4711, True)
OWN = [
    (b"x-forwarded-for", b"203.0.113.7"),
    (b"x-forwarded-proto", b"http"),
    (b"x-forwarded-host", b"example.com"),
    (b"x-forwarded-port", b"80"),
    (b"x-real-ip", b"203.0.113.7"),
    (b"via", b"1.1 gw"),
    (b"x-request-id", b"id-1"),
    (b"traceparent", TRACE),
]


def make(
    *headers: tuple[bytes, bytes],
    client: Client = CLIENT,
    scheme: str = "http",
    authority: str = "example.com",
    version: str = "1.1",
) -> Request:
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        glue = b"; " if name == b"cookie" else b", "
        fields[name] = fields[name] + glue + value if name in fields else value
    host = authority.rpartition(":")[0] or authority
    return Request(
        method="GET", scheme=scheme, authority=authority, host=host, path="/", query="",
        headers=list(headers), fields=fields, client=client, version=version,
    )  # fmt: skip


def sent(request: Request) -> Headers:
    return request_headers(request, host=b"up.internal", request_id=b"id-1", traceparent=TRACE, via=b"1.1 gw")


def test_an_ordinary_request_keeps_its_fields_in_order_between_host_and_ours() -> None:
    own = [(b"accept", b"*/*"), (b"x-a", b"1"), (b"x-b", b"2"), (b"x-a", b"3")]
    assert sent(make((b"host", b"example.com"), *own)) == [(b"host", b"up.internal"), *own, *OWN]


def test_nothing_is_added_that_the_client_did_not_send() -> None:
    names = {name for name, _ in sent(make())}
    assert names == {b"host"} | {name for name, _ in OWN}


@pytest.mark.parametrize("name", sorted(HOP_BY_HOP | FRAMING | ALIASES | {b"proxy", b"x-forwarded-prefix", b"x_user"}))
def test_fields_that_never_go_on_from_a_client(name: bytes) -> None:
    assert name not in {key for key, _ in sent(make((name, b"evil")))}


@pytest.mark.parametrize("name", sorted(WRITTEN - IDENTITY - {b"via"}))
def test_what_the_gateway_writes_replaces_what_the_client_wrote(name: bytes) -> None:
    got = values(sent(make((name, b"evil"))), name)
    assert len(got) == 1
    assert b"evil" not in got[0]


@pytest.mark.parametrize("name", sorted(IDENTITY | {b"x_consumer_id"}))
@pytest.mark.parametrize("trusted", [False, True])
def test_nobody_but_the_gateway_says_who_is_asking(name: bytes, trusted: bool) -> None:
    request = make((name, b"admin"), (b"connection", name))
    request.client = PROXY if trusted else CLIENT
    assert values(sent(request), name) == []


def test_via_is_added_to_the_list_that_came() -> None:
    assert values(sent(make((b"via", b"1.0 fred"))), b"via") == [b"1.0 fred", b"1.1 gw"]


@pytest.mark.parametrize(
    "lines", [[b"X-User, close"], [b"close", b"x-user"], [b" x-USER \t,keep-alive"], [b"x-other,,x-user"]]
)
def test_fields_that_connection_names_are_dropped(lines: list[bytes]) -> None:
    request = make((b"x-user", b"u"), (b"x-kept", b"k"), *((b"connection", line) for line in lines))
    assert sent(request) == [(b"host", b"up.internal"), (b"x-kept", b"k"), *OWN]


def test_connection_cannot_name_what_the_gateway_writes() -> None:
    names = b", ".join([*WRITTEN, b"host"])
    headers = sent(make((b"connection", names), (b"via", b"1.1 first")))
    assert headers == [(b"host", b"up.internal"), (b"via", b"1.1 first"), *OWN]


def test_drop_named_comes_before_fields_that_are_added_later() -> None:
    request = make((b"connection", b"x-user, x-forwarded-for, TE"), (b"x-user", b"client"), (b"te", b"trailers"))
    drop_named(request)
    assert request.fields == {b"te": b"trailers"}
    request.headers.append((b"x-user", b"added"))
    assert values(sent(request), b"x-user") == [b"added"]


def test_drop_named_leaves_a_request_without_connection_alone() -> None:
    request = make((b"x-user", b"client"))
    before = request.headers
    drop_named(request)
    assert request.headers is before
    assert request.fields == {b"x-user": b"client"}


def test_te_goes_on_for_trailers_only_and_is_announced() -> None:
    headers = sent(make((b"te", b"deflate;q=0.5, Trailers"), (b"connection", b"TE")))
    assert values(headers, b"te") == [b"trailers"]
    assert values(headers, b"connection") == [b"te"]
    assert values(sent(make((b"te", b"gzip"))), b"te") == []


def test_a_websocket_keeps_its_subprotocols_and_leaves_the_handshake_to_the_transport() -> None:
    request = make(
        (b"sec-websocket-key", b"k"), (b"sec-websocket-version", b"13"), (b"sec-websocket-extensions", b"x"),
        (b"sec-websocket-protocol", b"chat"), (b"te", b"trailers"), (b"upgrade", b"websocket"), scheme="wss",
    )  # fmt: skip
    headers = sent(request)
    assert headers[:2] == [(b"host", b"up.internal"), (b"sec-websocket-protocol", b"chat")]
    assert headers[3:6] == [
        (b"x-forwarded-proto", b"https"), (b"x-forwarded-host", b"example.com"), (b"x-forwarded-port", b"443"),
    ]  # fmt: skip


def test_the_port_is_that_of_the_authority() -> None:
    assert values(sent(make(authority="example.com:8443", scheme="https")), b"x-forwarded-port") == [b"8443"]


def test_a_trusted_proxy_is_believed() -> None:
    told = (
        (b"x-forwarded-for", b"203.0.113.7"), (b"x-forwarded-host", b"shop.example.org"),
        (b"x-forwarded-port", b"8443"), (b"x-forwarded-prefix", b"/shop"), (b"true-client-ip", b"203.0.113.7"),
        (b"forwarded", b"for=203.0.113.7"),
    )  # fmt: skip
    headers = sent(make(*told, client=PROXY, scheme="https"))
    assert headers[1:3] == [(b"x-forwarded-prefix", b"/shop"), (b"true-client-ip", b"203.0.113.7")]
    assert headers[3:8] == [
        (b"x-forwarded-for", b"203.0.113.7, 10.0.0.1"), (b"x-forwarded-proto", b"https"),
        (b"x-forwarded-host", b"shop.example.org"), (b"x-forwarded-port", b"8443"), (b"x-real-ip", b"203.0.113.7"),
    ]  # fmt: skip
    assert values(headers, b"forwarded") == []


def test_a_trusted_proxy_that_says_nothing_leaves_what_the_request_says() -> None:
    headers = sent(make((b"x-forwarded-host", b"a b/evil"), (b"x-forwarded-port", b"99999"), client=PROXY))
    assert values(headers, b"x-forwarded-for") == [b"10.0.0.1"]
    assert values(headers, b"x-forwarded-host") == [b"example.com"]
    assert values(headers, b"x-forwarded-port") == [b"80"]


def test_cookie_crumbs_of_http2_become_one_line() -> None:
    crumbs = ((b"x-a", b"1"), (b"cookie", b"a=1"), (b"x-b", b"2"), (b"cookie", b"b=2"))
    headers = sent(make(*crumbs, version="2"))
    assert headers[1:4] == [(b"x-a", b"1"), (b"cookie", b"a=1; b=2"), (b"x-b", b"2")]
    assert values(sent(make(*crumbs)), b"cookie") == [b"a=1", b"b=2"]


def test_cookies_that_connection_names_stay_away_over_http2() -> None:
    headers = sent(make((b"cookie", b"a=1"), (b"connection", b"cookie"), version="2"))
    assert values(headers, b"cookie") == []


def test_tracestate_goes_on_with_its_traceparent_only() -> None:
    state = (b"tracestate", b"vendor=1")
    assert state in sent(make(state, (b"traceparent", TRACE)))
    assert state not in sent(make(state, (b"traceparent", b"broken")))
    assert (b"baggage", b"a=1") in sent(make((b"baggage", b"a=1")))


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=80).map(bytes.lower), st.binary(max_size=8)), max_size=8))
def test_whatever_comes_each_field_of_ours_is_there_once_and_ours(headers: list[tuple[bytes, bytes]]) -> None:
    got = sent(make(*headers))
    assert got[0] == (b"host", b"up.internal")
    assert [field for field in got[1:] if field in OWN][-len(OWN) :] == OWN
    for name in WRITTEN - IDENTITY - {b"via"}:
        assert len(values(got, name)) == 1
    assert not {name for name, _ in got} & (FRAMING | ALIASES | IDENTITY | {b"upgrade"})


def test_a_long_name_is_judged_like_any_other() -> None:
    name = b"x-" + b"n" * 80
    assert values(sent(make((name, b"1"))), name) == [b"1"]


def test_verdicts_survive_more_names_than_they_remember() -> None:
    for number in range(3000):
        name = b"x-name-%d" % number
        assert values(sent(make((name, b"1"))), name) == [b"1"]
    assert values(sent(make((b"x-forwarded-user", b"root"))), b"x-forwarded-user") == []


def test_from_client_answers_for_configuration_checks() -> None:
    assert from_client(b"x-user")
    assert not from_client(b"x-forwarded-prefix")
    assert not from_client(b"true-client-ip")


def test_a_response_keeps_order_duplicates_date_server_and_length() -> None:
    headers = [
        (b"date", b"Mon"), (b"server", b"nginx"), (b"set-cookie", b"a=1"), (b"content-length", b"3"),
        (b"set-cookie", b"b=2"), (b"x_under", b"kept"),
    ]  # fmt: skip
    assert response_headers(headers, via=b"1.1 gw") == [*headers, (b"via", b"1.1 gw")]


@pytest.mark.parametrize("name", sorted(HOP_BY_HOP))
def test_hop_by_hop_fields_of_a_response_stay_here(name: bytes) -> None:
    assert response_headers([(name, b"x-a"), (b"x-b", b"1")], via=b"v") == [(b"x-b", b"1"), (b"via", b"v")]


def test_fields_that_a_response_names_stay_here() -> None:
    headers = [(b"connection", b"close"), (b"x-a", b"1"), (b"connection", b" X-A ,content-length"), (b"x-b", b"2")]
    assert response_headers([*headers, (b"content-length", b"0")], via=b"v") == [
        (b"x-b", b"2"), (b"content-length", b"0"), (b"via", b"v"),
    ]  # fmt: skip


def test_a_response_list_is_not_changed_in_place() -> None:
    headers = [(b"x-a", b"1")]
    response_headers(headers, via=b"v")
    assert headers == [(b"x-a", b"1")]


def test_trailers_frame_nothing_and_authenticate_nobody() -> None:
    fields = [
        (b"grpc-status", b"0"), (b"content-length", b"1"), (b"transfer-encoding", b"chunked"), (b"host", b"x"),
        (b"authorization", b"x"), (b"set-cookie", b"a=b"), (b"x-checksum", b"1"),
    ]  # fmt: skip
    assert trailers(fields) == [(b"grpc-status", b"0"), (b"x-checksum", b"1")]
