"""Requests inside requests: A-30, A-33. However the bytes are read, the backend sees what the gateway wrote."""

from typing import Final

from tests.conformance.case import Cases
from tests.conformance.stand import Stand, request

CASES: Final = Cases()
add = CASES.add

HIDDEN: Final = request("GET /smuggled", "X-Ignore: x")
LENGTH: Final = f"Content-Length: {len(HIDDEN)}"
CHUNKED: Final = "Transfer-Encoding: chunked"
EMPTY: Final = b"0\r\n\r\n"
CHUNK: Final = b"%x\r\n%b\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN)


def hides(name: str, what: str, line: str, *fields: str, body: bytes, version: str = "1.1") -> None:
    """A stream whose body holds a request: refused, or seen by the backend as the body of at most one request."""

    @add("A-30", name, what)
    async def check(stand: Stand) -> None:
        before = len(stand.backend.heads)
        sent = request(f"{line} /A-30/{name}", *fields, body=body, version=version)
        said = await stand.talk(sent, seconds=1, until=b"served")
        assert said.status in {100, 200, 400, 408, 501}, said.data
        assert stand.backend.targets()[before:] in ([], [f"/A-30/{name}"])


hides("cl-te", "CL.TE", "POST", f"Content-Length: {len(EMPTY + HIDDEN)}", CHUNKED, body=EMPTY + HIDDEN)
hides("te-cl", "TE.CL", "POST", CHUNKED, "Content-Length: 4", body=CHUNK)
hides("cl-0", "CL.0: a GET with a body", "GET", LENGTH, body=HIDDEN)
hides("cl-0-head", "CL.0: a HEAD with a body", "HEAD", LENGTH, body=HIDDEN)
hides("te-0", "TE.0: an OPTIONS with chunks", "OPTIONS", CHUNKED, body=CHUNK)
hides("expect", "a body after Expect: 100-continue", "POST", "Expect: 100-continue", LENGTH, body=HIDDEN)
hides("http-1-0", "a body in HTTP/1.0", "POST", LENGTH, body=HIDDEN, version="1.0")
hides("in-chunk", "a request in a chunk", "POST", CHUNKED, body=CHUNK)
hides("in-trailers", "a request after an unfinished trailer", "POST", CHUNKED, body=b"0\r\nX-A: " + HIDDEN)
hides("connection-cl", "Content-Length named by Connection", "POST", LENGTH, "Connection: Content-Length", body=HIDDEN)
hides("te-cl-underscore", "`Content_Length` and chunks", "POST", "Content_Length: 4", CHUNKED, body=CHUNK)
for name, field in (
    ("blank-before-colon", "Transfer-Encoding : chunked"),
    ("tab-before-colon", "Transfer-Encoding\t: chunked"),
    ("folded", "Transfer-Encoding:\r\n chunked"),
    ("leading-blank", " Transfer-Encoding: chunked"),
    ("in-another-value", "X-A: 1\rTransfer-Encoding: chunked"),
    ("xchunked", "Transfer-Encoding: xchunked"),
    ("control", "Transfer-Encoding: \x0bchunked"),
    ("trailing-control", "Transfer-Encoding: chunked\x0b"),
    ("underscore", "Transfer_Encoding: chunked"),
):
    total = f"Content-Length: {len(EMPTY + HIDDEN)}"
    hides(f"te-te-{name}", f"TE.TE: `{ascii(field)[1:-1]}`", "POST", total, field, body=EMPTY + HIDDEN)


@add("A-33", "length-is-counted", "a body with Content-Length goes on with that Content-Length, alone")
async def length_is_counted(stand: Stand) -> None:
    await stand.talk(request("POST /A-33/length", "Content-Length: 5", "Connection: close", body=b"hello"))
    fields = stand.upstream("/A-33/length")
    assert (fields["content-length"], fields.get("transfer-encoding")) == (["5"], None)


@add("A-33", "chunks-are-written-anew", "a body in chunks goes on with our chunks, or our length, never both")
async def chunks_are_written_anew(stand: Stand) -> None:
    body = b"2;ext=1\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
    await stand.talk(request("POST /A-33/chunks", "Transfer-Encoding: Chunked", "Connection: close", body=body))
    fields = stand.upstream("/A-33/chunks")
    assert ("content-length" in fields) is not ("transfer-encoding" in fields)
    assert stand.backend.bodies[-1] == b"hello"
    assert b"ext=1" not in stand.backend.received
