"""Answers to handshakes over HTTP/1.1; those over HTTP/2 are test_http2_pipe's and test_websocket_session's."""

from typing import cast

import pytest

from app.domain.entities.headers import Headers
from app.infrastructure.downstream.http2_pipe import Http2Pipe
from app.infrastructure.downstream.websocket_doors import Http1Door, Http2Door
from tests.unit.infrastructure.downstream.http2_bench import Transport

KEY: Headers = [(b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ==")]


class Half(Transport):
    """One that can end one direction alone, or not."""

    def __init__(self, *, half: bool = True) -> None:
        super().__init__()
        self.half = half

    def can_write_eof(self) -> bool:
        return self.half

    def write_eof(self) -> None:
        self.half_closed = True


def door(transport: Half) -> Http1Door:
    return Http1Door(transport, KEY)  # type: ignore[arg-type]  # a transport by its shape


def test_an_acceptance_switches_protocols() -> None:
    transport = Half()
    door(transport).accept([(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")])
    assert b"".join(transport.written).split(b"\r\n") == [
        b"HTTP/1.1 101 Switching Protocols", b"upgrade: websocket", b"connection: Upgrade",
        b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", b"set-cookie: a=1", b"set-cookie: b=2", b"", b"",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [b"a\r\nx: y", b"a\nb", b"a\rb"])
def test_a_field_that_would_end_its_line_is_not_sent(value: bytes) -> None:
    transport = Half()
    with pytest.raises(ValueError, match="line break"):
        door(transport).accept([(b"x", value)])
    with pytest.raises(ValueError, match="line break"):
        door(transport).refuse(403, [(b"x", value)], b"")
    assert transport.written == []


@pytest.mark.parametrize("half", [True, False])
def test_p20_a_refusal_is_an_answer_and_the_end_of_the_connection(half: bool) -> None:
    transport = Half(half=half)
    door(transport).refuse(403, [(b"x-a", b"1")], b"no")
    said = b"".join(transport.written)
    assert said == b"HTTP/1.1 403 Forbidden\r\nx-a: 1\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno"
    assert (transport.half_closed, transport.closed) == (half, not half)


def test_a_stream_is_answered_by_its_pipe() -> None:
    said: list[object] = []

    class Pipe:
        def accept(self, headers: Headers) -> None:
            said.append(headers)

        def refuse(self, status: int, headers: Headers, body: bytes) -> None:
            said.append((status, headers, body))

    door = Http2Door(cast("Http2Pipe", Pipe()))
    door.accept([(b"a", b"1")])
    door.refuse(403, [], b"no")
    assert said == [[(b"a", b"1")], (403, [], b"no")]
