"""Streams of HTTP/1 requests, good and bad, and what a reader makes of them."""

from collections.abc import Iterable

from hypothesis import strategies as st

from app.domain.entities.headers import Headers
from app.domain.errors import DownstreamError
from app.infrastructure.downstream.http1_reader import RequestReader
from app.infrastructure.downstream.request_head import RequestHead

TOKEN = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # noqa: S105  # of RFC 9110 section 5.6.2
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "M-SEARCH")
ABOUT_FRAMING = {"host", "content-length", "transfer-encoding", "connection", "expect", "upgrade"}


class Got:
    """One request as it was read; `whole` tells whether its body ended."""

    def __init__(self, head: RequestHead, start: int) -> None:
        self.head = head
        self.start = start
        self.end = start
        self.body = b""
        self.whole = False

    def summary(self) -> tuple[object, ...]:
        head = self.head
        says = (head.length, head.keep_alive, head.expects, head.upgrade)
        return (head.method, head.target, head.version, head.headers, says, self.body, self.whole)


class Outcome:
    """All that a reader made of a stream."""

    def __init__(self) -> None:
        self.requests: list[Got] = []
        self.error: DownstreamError | None = None
        self.refused: RequestHead | None = None

    def summary(self) -> tuple[object, ...]:
        error, refused = self.error, self.refused
        why = error and (error.status, error.code, error.title, error.detail, error.close)
        named = refused and (refused.method, refused.target, refused.version, refused.headers)
        return ([got.summary() for got in self.requests], why, named)


def read_pieces(pieces: Iterable[bytes], max_head: int = 16384, max_headers: int = 1000) -> Outcome:
    """Let a reader read `pieces`, and all that it can after each."""
    reader = RequestReader(max_head, max_headers)
    outcome = Outcome()
    fed = 0
    for piece in pieces:
        reader.feed(piece)
        fed += len(piece)
        try:
            while _step(reader, outcome, fed):
                pass
        except DownstreamError as error:
            outcome.error = error
            if reader.ended:
                outcome.refused = reader.refused
            break
    return outcome


def _step(reader: RequestReader, outcome: Outcome, fed: int) -> bool:
    if reader.ended:
        before = fed - reader.buffered
        head = reader.head()
        if head is None:
            assert reader.started == (reader.buffered > 0)
            return False
        outcome.requests.append(Got(head, before))
    got = outcome.requests[-1]
    while piece := reader.body():
        got.body += piece
    got.whole = reader.ended
    got.end = fed - reader.buffered
    return reader.ended


def cuts(data: st.DataObject, wire: bytes) -> list[bytes]:
    """`wire` in any pieces."""
    edges = sorted(data.draw(st.sets(st.integers(1, max(len(wire) - 1, 1)), max_size=12), "cuts"))
    return [wire[start:end] for start, end in zip([0, *edges], [*edges, len(wire)], strict=True) if start < end]


names = st.text(TOKEN, min_size=1, max_size=12).filter(lambda name: name.lower() not in ABOUT_FRAMING)
values = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12) | st.sampled_from(
    ["a b", "caf\xe9", "x\ty", "a: b", "", "chunked", "5"]
)
blanks = st.sampled_from([b"", b" ", b"\t", b"  "])
extensions = st.sampled_from([b"", b"", b";a", b";a=b", b';a="b;\\"c"', b";a;b=1"])


class Written:
    """A good request, what it means, and its bytes."""

    def __init__(self, head: RequestHead, body: bytes, wire: bytes) -> None:
        self.head = head
        self.body = body
        self.wire = wire


@st.composite
def requests(draw: st.DrawFn) -> Written:
    """A request that breaks no rule, in any of the ways in which it can be written."""
    method = draw(st.sampled_from(METHODS) | st.text(TOKEN, min_size=1, max_size=8).filter(lambda name: name != "PRI"))
    target = draw(st.sampled_from([b"/", b"/a?b=c", b"http://other/x", b"/%41//..#x", b"*"]))
    pairs = [("Host", "a"), *draw(st.lists(st.tuples(names, values), max_size=4))]
    body = draw(st.binary(max_size=40))
    framing, written = draw(st.sampled_from([_no_body, _counted, _chunked]))(draw, body)
    pairs = draw(st.permutations(pairs + framing))
    lines = [b"%b:%b%b%b" % (_bytes(name), draw(blanks), _bytes(value), draw(blanks)) for name, value in pairs]
    headers: Headers = [(_bytes(name.lower()), _bytes(value)) for name, value in pairs]
    start = b"%b %b HTTP/1.1" % (method.encode(), target)
    wire = draw(st.sampled_from([b"", b"", b"\r\n"])) + b"\r\n".join([start, *lines, b"", b""]) + written
    return Written(RequestHead(method, target, "1.1", headers), body if framing else b"", wire)


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")


def _no_body(draw: st.DrawFn, body: bytes) -> tuple[list[tuple[str, str]], bytes]:
    return [], b""


def _counted(draw: st.DrawFn, body: bytes) -> tuple[list[tuple[str, str]], bytes]:
    return [("Content-Length", str(len(body)))], body


def _chunked(draw: st.DrawFn, body: bytes) -> tuple[list[tuple[str, str]], bytes]:
    parts, at = [], 0
    while at < len(body):
        size = draw(st.integers(1, len(body) - at))
        digits = draw(st.sampled_from([b"%x", b"%X", b"%04x"])) % size
        parts.append(b"%b%b\r\n%b\r\n" % (digits, draw(extensions), body[at : at + size]))
        at += size
    trailers = draw(st.sampled_from([b"", b"", b"X-Sum: 1\r\n", b"Content-Length: 3\r\nhost: b\r\n"]))
    coding = draw(st.sampled_from(["chunked", "Chunked"]))
    return [("Transfer-Encoding", coding)], b"".join(parts) + b"0" + draw(extensions) + b"\r\n" + trailers + b"\r\n"


_NOISE = (
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b":", b";", b"\x00", b"\x01", b"\x7f", b"\xff", b"0", b"5", b"-",
    b"+1", b"GET / HTTP/1.1\r\n", b"HTTP/1.0", b"HTTP/2.0", b"Host: b\r\n", b"Content-Length: 5\r\n", b"chunked",
    b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Expect: 100-continue\r\n", b"x" * 70, b" x\r\n",
)  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A few requests after each other, damaged in a few places."""
    wire = bytearray(b"".join(written.wire for written in draw(st.lists(requests(), min_size=1, max_size=3))))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(wire)))
        wire[at : at + draw(st.sampled_from([0, 0, 1, 2, 10]))] = draw(st.sampled_from((b"", *_NOISE)))
    return bytes(wire)
