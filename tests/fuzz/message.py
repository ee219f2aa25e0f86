"""A request as its parts, each of which a mutation may change. Not for bytes between them: byte operators do that."""

import msgspec


class Message(msgspec.Struct):
    """What is written: nothing here needs to be valid."""

    line: bytes
    """The request line, without its end."""
    fields: list[bytes]
    """Lines, without their ends; one may hold an end of its own."""
    body: list[bytes]
    """Pieces: of a chunked body, sizes, data and ends are pieces of their own."""
    end: bytes = b"\r\n"
    """What ends a line of the head."""
    before: bytes = b""
    """What comes before the request line."""

    def render(self) -> bytes:
        """The bytes."""
        return self.before + self.end.join([self.line, *self.fields, b"", b""]) + b"".join(self.body)

    def copy(self) -> "Message":
        """One that can be changed alone."""
        return Message(self.line, list(self.fields), list(self.body), self.end, self.before)


def request(method: bytes, target: bytes, *fields: bytes, body: bytes = b"") -> Message:
    """A plain request for this harness's host."""
    return Message(b"%b %b HTTP/1.1" % (method, target), [b"Host: fuzz.test", *fields], [body])
