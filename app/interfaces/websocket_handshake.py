"""What a client's WebSocket handshake must hold, and the fields of its refusal. Not for messages (websocket_peer)."""

import binascii
from typing import Final

from app.domain.entities.headers import Headers
from app.domain.errors import DownstreamError

_VERSION: Final = b"13"


def check_version(headers: Headers) -> None:
    """RFC 6455 sections 4.2.1 and 4.4: 13 is the only one. Raises DownstreamError (426)."""
    if [value for name, value in headers if name == b"sec-websocket-version"] != [_VERSION]:
        raise DownstreamError(
            "Sec-WebSocket-Version is not 13",
            status=426, code="bad_websocket_version", title="Upgrade required",
            headers=[(b"sec-websocket-version", _VERSION)],
        )  # fmt: skip


def check_key(headers: Headers) -> None:
    """RFC 6455 section 4.2.1: one key, the base64 of 16 bytes. Raises DownstreamError. Not every server looks."""
    keys = [value for name, value in headers if name == b"sec-websocket-key"]
    try:
        good = len(keys) == 1 and len(binascii.a2b_base64(keys[0], strict_mode=True)) == 16
    except binascii.Error:
        good = False
    if not good:
        raise DownstreamError("Sec-WebSocket-Key is not the base64 of 16 bytes", code="bad_websocket_key")


def single(headers: Headers) -> Headers:
    """Each name once. A repeated name in a refusal ends a Granian 2.8 worker (a panic in its Rust code).

    Lists are joined (RFC 9110 section 5.3); of Set-Cookie, which cannot be, the first stays.
    """
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        if name not in fields:
            fields[name] = value
        elif name != b"set-cookie":
            fields[name] += b", " + value
    return list(fields.items())
