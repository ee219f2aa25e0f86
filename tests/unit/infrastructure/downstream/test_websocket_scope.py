"""The scope of a handshake (ASGI's specification of WebSockets, RFC 6455 section 4)."""

import asyncio

import pytest

from app.domain.entities.headers import Headers
from app.infrastructure.downstream.request_head import RequestHead
from app.infrastructure.downstream.site import Limits, Receive, Scope, Send, Site
from app.infrastructure.downstream.websocket_scope import acceptance, websocket_scope


async def nobody(scope: Scope, receive: Receive, send: Send) -> None:
    """No application."""


@pytest.mark.parametrize(("scheme", "expected"), [("http", "ws"), ("https", "wss")])
async def test_what_it_says(scheme: str, expected: str) -> None:
    site = Site(nobody, asyncio.get_running_loop(), Limits(), scheme, ("127.0.0.1", 1))
    fields: Headers = [(b"sec-websocket-protocol", b"a,\tb , "), (b"sec-websocket-protocol", b"c")]
    head = RequestHead("GET", b"/x%20y?q", "1.1", fields)
    scope = websocket_scope(site, head, ("192.0.2.1", 7), {"tls": {"a": 1}})
    assert (scope["type"], scope["scheme"], scope["subprotocols"]) == ("websocket", expected, ["a", "b", "c"])
    assert (scope["path"], scope["raw_path"], scope["query_string"]) == ("/x y", b"/x%20y", b"q")
    assert (scope["client"], scope["headers"]) == (("192.0.2.1", 7), fields)
    assert set(scope["extensions"]) == {"tls", "websocket.http.response"}
    assert "method" not in scope


def test_the_key_of_the_rfc_is_accepted_as_there() -> None:
    key = (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==")
    assert acceptance([(b"host", b"a"), key]) == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
