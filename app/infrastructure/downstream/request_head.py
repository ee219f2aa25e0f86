"""The head of a request as a client sent it, whatever version of HTTP it came in. Not for what it means."""

from typing import Final

from app.domain.entities.headers import Headers

UNTIL_END: Final = -1
"""The length of a body whose end alone tells how long it is."""


class RequestHead:
    """Names of fields are lower case; values are stripped of blanks at both ends."""

    __slots__ = ("expects", "headers", "keep_alive", "length", "method", "target", "upgrade", "version")

    def __init__(self, method: str, target: bytes, version: str, headers: Headers) -> None:
        self.method = method
        """As it came: methods are case-sensitive (RFC 9110 section 9.1)."""
        self.target = target
        """As it came: in origin-form, absolute-form, `*` or an authority. Over HTTP/2, what `:path` says."""
        self.version = version
        """`1.0`, `1.1` or `2`; what else a request line says, as it came."""
        self.headers = headers
        self.length = 0
        """Bytes of the body; UNTIL_END when chunks or the end of a stream tell."""
        self.keep_alive = version == "1.1"
        """Whether the client means to send another request over this connection (HTTP/1)."""
        self.expects = False
        """Whether the client waits for 100 Continue (RFC 9110 section 10.1.1)."""
        self.upgrade = b""
        """The protocol that the client asks to switch to, in lower case: `websocket`. Over HTTP/2, its `:protocol`."""

    def takes_trailers(self) -> bool:
        """Whether the client has said that it takes fields after the body of its answer (RFC 9110 section 6.5.1)."""
        return any(name == b"te" and b"trailers" in value.lower() for name, value in self.headers)
