"""What mutation starts from: requests as clients write them, and such as have fooled proxies. Tables.

In a table `<T>` is a new token, `<H>` a hidden request with a token of its own, `<L>` the length of the body and `<X>`
that of the hidden request in hexadecimal. The hidden requests are what a backend must never see as requests.
"""

from random import Random
from typing import Final, NamedTuple

from tests.fuzz.message import Message
from tests.fuzz.tokens import Tokens

HOST: Final = b"Host: fuzz.test"
CHUNKED: Final = b"Transfer-Encoding: chunked"
LENGTH: Final = b"Content-Length: <L>"
UPGRADE: Final = (HOST, b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk")
HANDSHAKE: Final = (
    HOST, b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)  # fmt: skip
HELLO: Final = (b"hello ", b"<T>")
CHUNKS: Final = (b"5\r\n", b"hello", b"\r\n", b"e\r\n", b"<T>", b"\r\n", b"0\r\n", b"\r\n")
HIDING: Final = (b"<X>\r\n", b"<H>", b"\r\n", b"0\r\n", b"\r\n")
ENDED: Final = (b"0\r\n", b"\r\n", b"<H>")


class Seed(NamedTuple):
    """One row."""

    line: bytes
    fields: tuple[bytes, ...] = (HOST,)
    body: tuple[bytes, ...] = ()
    weight: int = 1
    end: bytes = b"\r\n"
    before: bytes = b""

    def fill(self, rng: Random, tokens: Tokens) -> Message:
        """A message of this kind."""
        hidden = _hidden(rng, tokens)
        words = {b"<X>": b"%x" % len(hidden), b"<H>": hidden}
        body = [_fill(piece, words, tokens) for piece in self.body]
        words[b"<L>"] = b"%d" % sum(map(len, body))
        fields = [_fill(field, words, tokens) for field in self.fields]
        return Message(_fill(self.line, words, tokens), fields, body, self.end, self.before)


def _hidden(rng: Random, tokens: Tokens) -> bytes:
    method = rng.choice((b"GET", b"GET", b"POST", b"DELETE"))
    end = rng.choice((b"\r\n\r\n", b"\r\n\r\n", b"\r\nX-Rest: "))
    return b"%b /%b HTTP/1.1\r\nHost: fuzz.test%b" % (method, tokens.new(), end)


def _fill(text: bytes, words: dict[bytes, bytes], tokens: Tokens) -> bytes:
    while b"<T>" in text:
        text = text.replace(b"<T>", tokens.new(), 1)
    for word, value in words.items():
        text = text.replace(word, value)
    return text


PLAIN: Final = (
    Seed(b"GET /<T> HTTP/1.1", (HOST, b"X-A: <T>", b"Accept: */*"), weight=8),
    Seed(b"GET /a/<T>?b=<T>&c HTTP/1.1", (HOST, b"Cookie: a=1", b"Cookie: b=2"), weight=4),
    Seed(b"HEAD /<T> HTTP/1.1", weight=2),
    Seed(b"OPTIONS /<T> HTTP/1.1", weight=2),
    Seed(b"DELETE /<T> HTTP/1.1"),
    Seed(b"PURGE /<T> HTTP/1.1"),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH), HELLO, weight=6),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH), (b"<H>",), weight=8),
    Seed(b"PUT /<T> HTTP/1.1", (HOST, LENGTH, b"Expect: 100-continue"), (b"<H>",), weight=2),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED), CHUNKS, weight=6),
    Seed(b"PATCH /<T> HTTP/1.1", (HOST, CHUNKED, b"Trailer: X-T"), HIDING, weight=8),
    Seed(b"GET /<T> HTTP/1.1", (HOST, LENGTH), (b"<H>",), weight=4),
    Seed(b"HEAD /<T> HTTP/1.1", (HOST, LENGTH), (b"<H>",), weight=2),
    Seed(b"OPTIONS /<T> HTTP/1.1", (HOST, CHUNKED), HIDING, weight=3),
    Seed(b"POST /<T> HTTP/1.1", (HOST, b"Content-Length: 0"), weight=2),
    Seed(b"GET /<T> HTTP/1.0", weight=2),
    Seed(b"POST /<T> HTTP/1.0", (HOST, LENGTH, b"Connection: keep-alive"), (b"<H>",), weight=2),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED, b"TE: trailers"), (*HIDING[:4], b"X-T: <T>\r\n", b"\r\n"), weight=2),
    Seed(b"GET http://fuzz.test/<T> HTTP/1.1", weight=2),
    Seed(b"OPTIONS * HTTP/1.1"),
)
"""Valid, and to be served."""

FRAMING: Final = (
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, CHUNKED), ENDED, weight=4),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED, b"Content-Length: 4"), HIDING, weight=4),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"Content-Length: 0"), (b"<H>",), weight=2),
    Seed(b"POST /<T> HTTP/1.1", (HOST, b"Content-Length: 0", LENGTH), (b"<H>",)),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, LENGTH), (b"<H>",)),
    Seed(b"POST /<T> HTTP/1.1", (HOST, b"Content-Length: <L>, <L>"), (b"<H>",)),
    Seed(b"POST /<T> HTTP/1.1", (HOST, b"Content-Length: 0, <L>"), (b"<H>",)),
    Seed(b"POST /<T> HTTP/1.1", (HOST, b"Content-Length: +<L>"), (b"<H>",)),
    Seed(b"POST /<T> HTTP/1.1", (HOST, b"Content-Length: 00<L>"), (b"<H>",)),
    Seed(b"POST /<T> HTTP/1.1", (HOST, b"Content-Length:\r\n <L>"), (b"<H>",), weight=2),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"Transfer-Encoding: xchunked"), ENDED),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"Transfer-Encoding : chunked"), ENDED),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"Transfer-Encoding:\r\n chunked"), ENDED),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"Transfer-Encoding: identity", CHUNKED), ENDED),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"Transfer-Encoding: chunked, identity"), ENDED),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"X-A: 1\rTransfer-Encoding: chunked"), ENDED),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"X-A: 1\nTransfer-Encoding: chunked"), ENDED),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"Transfer_Encoding: chunked"), ENDED, weight=2),
    Seed(b"POST /<T> HTTP/1.1", (HOST, b"Content_Length: 4", CHUNKED), HIDING),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"Connection: Content-Length"), (b"<H>",), weight=2),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED, b"Connection: Transfer-Encoding, keep-alive"), HIDING, weight=2),
    Seed(b"POST /<T> HTTP/1.0", (HOST, CHUNKED), HIDING),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED), (b"<X>;a=b\r\n", *HIDING[1:]), weight=3),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED), (b"2;\n<H>\r\n", b"xx\r\n", *HIDING[3:])),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED), (b"5\n", b"hello", b"\n", b"0\n\n<H>")),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED), (b"5\r\n", b"hello", b"<X>\r\n", *HIDING[1:])),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED), (b"10000000000000005\r\n", b"hello", b"\r\n", *ENDED)),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED), (b"0\r\n", b"X-A: <H>")),
    Seed(b"POST /<T> HTTP/1.1", (HOST, CHUNKED), (b"0\r\n", b"X-A: 1\n\n<H>")),
    Seed(b"POST /<T> HTTP/1.1", (HOST, b"Content-Length: 200"), (b"<H>",)),
    Seed(b"PUT /<T> HTTP/1.1", (HOST, CHUNKED), (b"ff\r\n", b"<H>")),
    Seed(b"POST /<T> HTTP/1.1", (HOST, LENGTH, b"Expect: y 100-continue"), (b"<H>",)),
    Seed(b"GET /<T> HTTP/1.1", (HOST, b"Content-Length: 9999999999999999999"), (b"<H>",)),
)
"""Where a message ends is in doubt, or looks as if."""

HEADS: Final = (
    Seed(b"GET /<T> HTTP/1.1", (HOST, b"X-A: 1"), end=b"\n", weight=2),
    Seed(b"GET /<T> HTTP/1.1", before=b"\r\n"),
    Seed(b"GET /<T> HTTP/1.1", before=b"\n\r\n"),
    Seed(b"GET /<T> HTTP/1.1", (HOST, b"X-A: 1\r\n 2")),
    Seed(b"GET /<T> HTTP/1.1", (b" Host: fuzz.test",)),
    Seed(b"GET /<T> HTTP/1.1", (HOST, b"X-A: a\x00b")),
    Seed(b"GET /<T> HTTP/1.1", (HOST, b"X-A: \x80\xff\xc3\xa9"), weight=2),
    Seed(b"GET /<T> HTTP/1.1", (HOST, b"X-A\x00: a", b"X_B: <T>")),
    Seed(b"GET /<T> HTTP/1.1", (HOST, b"X-A: " + b"a" * 9000)),
    Seed(b"GET /<T> HTTP/1.1", (HOST, *(b"X-%d: 1" % n for n in range(110)))),
    Seed(b"GET /<T> HTTP/1.1", (HOST, b"Host: other.test")),
    Seed(b"GET /<T> HTTP/1.1", (b"Host: fuzz.test:80",)),
    Seed(b"GET /<T> HTTP/1.1", (b"Host: me@fuzz.test",)),
    Seed(b"GET /<T> HTTP/1.1", ()),
    Seed(b"GET http://me@fuzz.test:81/<T> HTTP/1.1"),
    Seed(b"GET //fuzz.test/<T> HTTP/1.1", weight=2),
    Seed(b"GET /a/../<T> HTTP/1.1"),
    Seed(b"GET /%0d%0a<T> HTTP/1.1"),
    Seed(b"GET /a%20HTTP/1.1/<T> HTTP/1.1", weight=2),
    Seed(b"GET /<T>#x HTTP/1.1"),
    Seed(b"GET  /<T> HTTP/1.1"),
    Seed(b"GET /<T>\tHTTP/1.1"),
    Seed(b"GET /<T> /x HTTP/1.1"),
    Seed(b"GET /<T>"),
    Seed(b"GET /<T> HTTP/2.0"),
    Seed(b"get /<T> HTTP/1.1"),
    Seed(b"CONNECT fuzz.test:80 HTTP/1.1"),
    Seed(b"TRACE /<T> HTTP/1.1"),
    Seed(b"PRI * HTTP/2.0", (), (b"SM\r\n\r\n", b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"), weight=1),
    Seed(b"GET /<T> HTTP/1.1", UPGRADE),
    Seed(b"GET /<T> HTTP/1.1", HANDSHAKE),
    Seed(b"GET /<T> HTTP/1.1", (HOST, b"Connection: X-Fuzz-Mark, X-Real-IP, Via, Host", b"X-Fuzz-Mark: no"), weight=2),
    Seed(
        b"GET /<T> HTTP/1.1", (HOST, b"X-Real-IP: 127.9.9.9", b"X-Request-Id: <T>", b"X-Fuzz-Mark: a\r\n b"), weight=2
    ),
)
"""Heads, targets and upgrades that parsers read in different ways."""
