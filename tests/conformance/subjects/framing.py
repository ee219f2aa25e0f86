"""Where a request ends: P-20 to P-22, P-31, P-32, P-66. Every doubt is a refusal, and the backend sees nothing."""

from typing import Final

from tests.conformance.case import Cases, Limit
from tests.conformance.stand import request

CASES: Final = Cases()
refuse = CASES.refuse

FOLDED: Final = Limit("served, unfolded")
JOINED: Final = Limit("served, as one length")
BARE_LF: Final = Limit("served: its parser takes a bare LF for a line end")
EXTENSION: Final = Limit("served, without the extension; the service never sees one")
HIDDEN: Final = b"GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"


def post(*fields: str, body: bytes = b"hello", version: str = "1.1") -> bytes:
    """A POST whose framing is in `fields`."""
    return request("POST /framing", *fields, body=body, version=version)


CHUNKS: Final = b"5\r\nhello\r\n0\r\n\r\n"
CHUNKED: Final = "Transfer-Encoding: chunked"

refuse(
    "P-20", "cl-and-te", "Content-Length and Transfer-Encoding", post("Content-Length: 5", CHUNKED, body=CHUNKS),
    Limit("served as chunked, Content-Length dropped, the connection closed after the answer"), "gateway 400",
)  # fmt: skip
refuse(
    "P-20", "te-and-cl", "Transfer-Encoding and Content-Length", post(CHUNKED, "Content-Length: 5", body=CHUNKS),
    Limit("served as chunked, Content-Length dropped, the connection closed after the answer"), "gateway 400",
)  # fmt: skip
refuse(
    "P-21", "te-in-http-1-0", "Transfer-Encoding in HTTP/1.0", post(CHUNKED, body=CHUNKS, version="1.0"),
    "server 400", "gateway 400",
)  # fmt: skip
for name, value, granian, hypercorn in (
    ("gzip-chunked", "gzip, chunked", "gateway 501", "server 501"),
    ("chunked-gzip", "chunked, gzip", "server 400", "server 501"),
    ("identity", "identity", "server 400", "server 501"),
    ("chunked-twice-in-one", "chunked, chunked", "gateway 501", "server 501"),
    ("xchunked", "xchunked", "server 400", "server 501"),
    ("quoted", '"chunked"', "server 400", "server 501"),
    ("with-parameter", "chunked;q=1", "server 400", "server 501"),
    ("with-vertical-tab", "\x0bchunked", "server 400", "server 400"),
):
    refuse(
        "P-21", f"te-{name}", f"`Transfer-Encoding: {ascii(value)[1:-1]}`",
        post(f"Transfer-Encoding: {value}", body=CHUNKS), granian, hypercorn,
    )  # fmt: skip
refuse(
    "P-21", "te-twice", "Transfer-Encoding in two lines", post(CHUNKED, CHUNKED, body=CHUNKS),
    "gateway 400", "server 501", builtin="gateway 400",
)  # fmt: skip
refuse(
    "P-21", "te-with-blank-before-colon", "`Transfer-Encoding : chunked`",
    post("Transfer-Encoding : chunked", body=CHUNKS), "server 400",
)  # fmt: skip

for name, value, *outcomes in (
    ("plus", "+5", "server 400"),
    ("minus", "-5", "server 400"),
    ("hexadecimal", "0x5", "server 400"),
    ("fraction", "5.0", "server 400"),
    ("underscore", "5_0", "server 400"),
    ("leading-zeros", "005", "gateway 400"),
    ("blank-inside", "5 5", "server 400"),
    ("empty", "", "server 400"),
    ("21-digits", "100000000000000000005", "server 400"),
    ("overflow-to-5", "18446744073709551621", "server 400", "gateway 400"),
    ("beyond-signed-64-bits", "9999999999999999999", "gateway 400"),
    ("different-list", "5, 6", "server 400"),
    ("equal-list", "5, 5", "server 400", JOINED),
):
    refuse("P-22", f"cl-{name}", f"`Content-Length: {value}`", post(f"Content-Length: {value}"), *outcomes)
refuse(
    "P-22", "cl-twice-different", "Content-Length twice, different", post("Content-Length: 5", "Content-Length: 6"),
    "server 400",
)  # fmt: skip
refuse("P-22", "cl-twice-equal", "Content-Length twice, equal", post("Content-Length: 5", "Content-Length: 5"), JOINED)
refuse("P-22", "cl-and-a-name-with-a-blank", "`Content-Length : 5`", post("Content-Length : 5"), "server 400")

for name, fields in (
    ("in-a-field", ("X-A: 1\r\n 2",)),
    ("framing", ("Transfer-Encoding:\r\n chunked",)),
):
    refuse(
        "P-31", f"obs-fold-{name}", f"a field folded over two lines: `{ascii(fields[0])[1:-1]}`",
        post(*fields, body=CHUNKS if name == "framing" else b""), "server 400", FOLDED,
    )  # fmt: skip
refuse(
    "P-31", "blank-before-the-first-field", "a first field that begins with a blank",
    b"GET /framing HTTP/1.1\r\n Host: test\r\n\r\n", "server 400",
)  # fmt: skip

refuse("P-32", "bare-lf", "bare LF as line end", b"GET /framing HTTP/1.1\nHost: test\n\n", BARE_LF)
refuse(
    "P-32", "bare-lf-in-fields", "bare LF between two fields",
    b"GET /framing HTTP/1.1\r\nHost: test\nX-A: 1\r\n\r\n", BARE_LF,
)  # fmt: skip
refuse("P-32", "bare-cr-in-a-value", "bare CR in a value", request("GET /framing", "X-A: 1\r2"), "server 400")
refuse(
    "P-32", "bare-cr-as-line-end", "bare CR as line end", b"GET /framing HTTP/1.1\rHost: test\r\r\n\r\n", "server 400"
)
refuse("P-32", "bare-cr-before-crlf", "CR CR LF as line end", request("GET /framing", "X-A: 1\r"), "server 400")

BROKEN: Final = ("gateway 400", "server 400")
for name, chunks, *outcomes in (
    ("size-no-number", b"x\r\nhello\r\n0\r\n\r\n", *BROKEN),
    ("size-negative", b"-5\r\nhello\r\n0\r\n\r\n", *BROKEN),
    ("size-with-0x", b"0x5\r\nhello\r\n0\r\n\r\n", *BROKEN),
    ("size-with-underscore", b"0_5\r\nhello\r\n0\r\n\r\n", *BROKEN),
    ("size-overflow", b"10000000000000005\r\nhello\r\n0\r\n\r\n", "gateway 400", "gateway 408"),
    ("size-empty", b"\r\nhello\r\n0\r\n\r\n", *BROKEN),
    ("longer-than-its-size", b"5\r\nhello!\r\n0\r\n\r\n", *BROKEN),
    ("without-line-end", b"5\r\nhello0\r\n\r\n", *BROKEN),
    ("broken-after-a-good-one", b"5\r\nhello\r\nx\r\n\r\n", *BROKEN),
    ("lf-in-extension", b"5;a\nb\r\nhello\r\n0\r\n\r\n", *BROKEN),
    ("bare-lf", b"5\nhello\n0\n\n", "gateway 400", "gateway 408"),
    ("semicolon-alone", b"5;\r\nhello\r\n0\r\n\r\n", EXTENSION),
    ("blank-after-size", b"5 \r\nhello\r\n0\r\n\r\n", EXTENSION),
):
    refuse(
        "A-31",
        f"chunk-{name}",
        f"chunks `{ascii(chunks)[2:-1]}`",
        post(CHUNKED, body=chunks),
        *outcomes,
        streamed=True,
        builtin="gateway 400",
    )
refuse(
    "P-66", "chunk-extension-of-1000-bytes", "a chunk extension of 1,000 bytes",
    post(CHUNKED, body=b"5;" + b"a" * 1000 + b"\r\nhello\r\n0\r\n\r\n"), EXTENSION,
)  # fmt: skip
