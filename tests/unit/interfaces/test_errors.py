"""The problem+json of failures."""

import json

from app.domain.errors import ConnectFailed, DownstreamError, GatewayError, NoTarget, RouteNotFound
from app.domain.refusals import Unauthenticated
from app.interfaces.errors import render


def problem(error: GatewayError) -> tuple[dict[str, object], dict[bytes, bytes]]:
    response = render(error, "id-1")
    assert isinstance(response.body, bytes)
    assert response.status == error.status
    headers = dict(response.headers)
    assert headers[b"content-type"] == b"application/problem+json"
    assert headers[b"content-length"] == str(len(response.body)).encode()
    return json.loads(response.body), headers


def test_a_client_learns_what_it_did_wrong_and_the_connection_closes_when_framing_is_in_doubt() -> None:
    body, headers = problem(DownstreamError("content-length is odd", code="bad_framing", close=True))
    assert body == {
        "status": 400, "title": "Bad request", "detail": "content-length is odd", "code": "bad_framing",
        "source": "downstream", "request_id": "id-1",
    }  # fmt: skip
    assert headers[b"connection"] == b"close"


def test_what_happened_inside_stays_inside() -> None:
    body, headers = problem(ConnectFailed("cannot connect to 10.0.0.1:80"))
    assert "10.0.0.1" not in json.dumps(body)
    assert (body["status"], body["code"], body["source"]) == (502, "upstream_connect_failed", "upstream")
    assert b"connection" not in headers


def test_unknown_routes_say_what_was_asked() -> None:
    body, _ = problem(RouteNotFound("no route matches GET test/x"))
    assert body["detail"] == "no route matches GET test/x"


def test_extra_fields() -> None:
    assert problem(NoTarget("x", retry_after=3))[1][b"retry-after"] == b"3"
    assert b"GET" in problem(DownstreamError("x", status=405))[1][b"allow"]


def test_an_error_brings_fields_of_its_own() -> None:
    challenge = [(b"www-authenticate", b"Bearer")]
    response = render(Unauthenticated("no token", headers=challenge), "id-1")
    assert response.status == 401
    assert (b"www-authenticate", b"Bearer") in response.headers
    allow = [value for name, value in render(METHOD, "id-1").headers if name == b"allow"]
    assert allow == [b"GET"]


METHOD = DownstreamError(status=405, headers=[(b"allow", b"GET")])
