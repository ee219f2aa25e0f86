"""What HTTP/2 can say and HTTP/1.1 must not be told: heads and framing of A-32. Not for bodies that stop (A-35)."""

from typing import Final

from tests.backends import Wire, eventually
from tests.conformance.case import Cases, Limit
from tests.conformance.http2 import BROKEN, attack, one, refuse, verdict
from tests.conformance.stand import Stand, request
from tests.h2_frames import DATA, END_STREAM, Fields, FrameClient, connect_frames, frame, head, pseudo

CASES: Final = Cases()

PATH: Final = "/downgrade"
STREAM: Final = "stream error"
HIDDEN: Final = request("GET /smuggled")
INJECTED: Final = " HTTP/1.1\r\nX-A: x\r\n\r\nGET /smuggled HTTP/1.1\r\nX-B: "


OURS: Final = {
    "value-blank-before": "gateway 400", "value-blank-after": "gateway 400", "no-authority": "gateway 400",
    "method-non-ascii": "gateway 400", "connect": "gateway 405", "connect-protocol": "gateway 501",
    "path-with-a-blank": STREAM, "path-with-a-tab": STREAM, "scheme-other": STREAM,
}  # fmt: skip
"""What our own server does otherwise than the last of the others: it ends a malformed request's stream alone."""


def ours(name: str, outcomes: tuple[str, ...]) -> str:
    """How a case ends under our own server."""
    last = outcomes[-1]
    return OURS.get(name, STREAM if last == BROKEN else last)


def asks(name: str, what: str, fields: Fields, *outcomes: str, allowed: int = 0) -> None:
    """A bodiless request with these fields, pseudo-header fields too."""
    refuse(
        CASES, "A-32", name, what, one(head(1, fields)), *outcomes, allowed=allowed, builtin=ours(name, outcomes)
    )  # fmt: skip


def carries(name: str, what: str, fields: Fields, body: bytes, *outcomes: str) -> None:
    """A POST with these fields and a body in one DATA frame."""
    sent = one(head(1, [*pseudo(PATH, "POST"), *fields], ended=False), frame(DATA, 1, body, END_STREAM))
    refuse(CASES, "A-32", name, f"H2.{what}", sent, *outcomes, allowed=1, builtin=ours(name, outcomes))


def changed(name: str, value: str, method: str = "GET") -> Fields:
    """The pseudo-header fields of a request, one of them with another value."""
    return [(key, value if key == name else old) for key, old in pseudo(PATH, method)]


for name, value in (
    ("short", "2"), ("long", "99"), ("plus", "+5"), ("minus", "-5"), ("list", "5, 5"), ("junk", "5x"), ("empty", ""),
    ("blank", " 5"), ("underscore", "1_0"),
):  # fmt: skip
    length = [("content-length", value)]
    carries(f"cl-{name}", f"CL: `content-length: {value}`, which DATA does not fit", length, HIDDEN, STREAM, BROKEN)
carries("cl-zero", "CL: `content-length: 0` and DATA", [("content-length", "0")], HIDDEN, STREAM, BROKEN)
carries(
    "cl-two", "CL: two different lengths", [("content-length", "35"), ("content-length", "9")], HIDDEN, STREAM, BROKEN
)
carries("cl-twice", "CL: one length twice", [("content-length", "5")] * 2, b"hello", "gateway 400")
carries("te-chunked", "TE: chunked", [("transfer-encoding", "chunked")], b"0\r\n\r\n" + HIDDEN, STREAM, BROKEN)
carries("te-identity", "TE: identity", [("transfer-encoding", "identity")], HIDDEN, STREAM, BROKEN)
carries(
    "te-cl", "TE and H2.CL", [("transfer-encoding", "chunked"), ("content-length", "5")], b"0\r\n\r\n", STREAM, BROKEN
)
asks(
    "cl-without-data", "H2.CL: a length, and END_STREAM in HEADERS",
    [*pseudo(PATH, "POST"), ("content-length", "5")], STREAM,
)  # fmt: skip

for name, value in (("lf", "a\nb"), ("cr", "a\rb"), ("nul", "a\0b"), ("crlf", f"a{INJECTED}")):
    asks(f"value-{name}", f"{name.upper()} in a value", [*pseudo(PATH), ("x-a", value)], BROKEN)
asks("value-control", "a control character in a value", [*pseudo(PATH), ("x-a", "\x01")], BROKEN, "gateway 400")
for name, value in (("before", " a"), ("after", "a ")):
    asks(
        f"value-blank-{name}", f"a blank {name} a value", [*pseudo(PATH), ("x-a", value)],
        "gateway 400", BROKEN,
    )  # fmt: skip
for name, value in (
    ("lf", "x\na"), ("crlf", f"x{INJECTED}"), ("nul", "x\0a"), ("colon", "x:a"), ("blank", "x a"), ("nothing", ""),
    ("upper-case", "X-A"), ("non-ascii", "x\xe9"), ("tab", "x\ta"), ("a-blank-at-the-end", "x "),
):  # fmt: skip
    asks(f"name-{name}", f"a field name with {name.replace('-', ' ')}", [*pseudo(PATH), (value, "1")], BROKEN)
for name in ("connection", "keep-alive", "proxy-connection", "upgrade"):
    asks(f"field-{name}", f"the field {name}", [*pseudo(PATH), (name, "close")], STREAM, BROKEN)
for name, value in (("gzip", "gzip"), ("more", "trailers, gzip")):
    asks(f"te-{name}", f"`te: {value}`", [*pseudo(PATH), ("te", value)], STREAM, BROKEN)

for number, (name, value) in enumerate(pseudo(PATH)):
    every, plain = pseudo(PATH), name[1:]
    rest = [*every[:number], *every[number + 1 :]]
    asks(f"no-{plain}", f"no {name}", rest, "gateway 400" if plain == "authority" else STREAM, BROKEN)
    asks(f"two-{plain}", f"{name} twice", [*every[: number + 1], *every[number:]], STREAM, BROKEN)
    for what, text in (("lf", "\n"), ("crlf", INJECTED), ("nul", "\0")):
        broken = BROKEN if plain == "method" else STREAM
        asks(f"{what}-in-{plain}", f"{what.upper()} in {name}", changed(name, value + text), broken, BROKEN)
asks("late-path", ":path after a field", [*pseudo(PATH)[:3], ("x-a", "1"), (":path", PATH)], STREAM, BROKEN)
for name, *outcomes in ((":status", STREAM, BROKEN), (":foo", BROKEN), (":protocol", STREAM, BROKEN)):
    asks(f"with-{name[1:]}", f"a request with {name}", [*pseudo(PATH), (name, "200")], *outcomes)
for name, key, value, *outcomes in (
    ("method-with-a-blank", ":method", "GET /smuggled HTTP/1.1", BROKEN, "gateway 400"),
    ("method-non-ascii", ":method", "G\xcbT", BROKEN, STREAM),
    ("method-no-token", ":method", "G(T", BROKEN, "gateway 400"),
    ("method-empty", ":method", "", BROKEN, "gateway 400"),
    ("method-trace", ":method", "TRACE", "gateway 405"),
    ("method-connect", ":method", "CONNECT", STREAM, BROKEN),
    ("path-with-a-blank", ":path", "/a HTTP/1.1", STREAM, "gateway 400"),
    ("path-with-a-tab", ":path", "/a\tb", STREAM, "gateway 400"),
    ("path-non-ascii", ":path", "/\xe9", BROKEN, STREAM),
    ("path-empty", ":path", "", STREAM, BROKEN),
    ("path-without-slash", ":path", "a", STREAM),
    ("path-user", ":path", "@evil.test/a", STREAM),
    ("path-absolute", ":path", "https://evil.test/a", STREAM),
    ("path-star", ":path", "*", "gateway 400"),
    ("scheme-with-a-host", ":scheme", "https://evil.test/smuggled?", STREAM),
    ("scheme-with-a-blank", ":scheme", "https a", STREAM),
    ("scheme-non-ascii", ":scheme", "http\xe9", BROKEN, STREAM),
    ("authority-empty", ":authority", "", STREAM, "gateway 400"),
    ("authority-user", ":authority", "me@test", "gateway 400"),
    ("authority-list", ":authority", "test,evil.test", "gateway 400"),
    ("authority-port", ":authority", "test:99999", "gateway 400"),
    ("authority-path", ":authority", "test/evil", STREAM, "gateway 400"),
    ("authority-blank", ":authority", "test evil", STREAM, "gateway 400"),
    ("authority-non-ascii", ":authority", "t\xe9st", BROKEN, "gateway 400"),
):  # fmt: skip
    asks(name, f"`{key}: {ascii(value)[1:-1]}`", changed(key, value), *outcomes)
for name, key, value, *outcomes in (
    ("path-fragment", ":path", "/a#b", "served, as /a", "gateway 400"),
    ("path-query-alone", ":path", "?a", "served, as /?a", STREAM),
    ("scheme-empty", ":scheme", "", "served, over https", STREAM),
    ("scheme-other", ":scheme", "gopher", "served, over https or http as it was"),
):
    asks(name, f"`{key}: {value}`", changed(key, value), *outcomes, allowed=1)
asks("connect", "CONNECT", [(":method", "CONNECT"), (":authority", "test:80")], "gateway 405", STREAM)
asks(
    "connect-protocol", "CONNECT with another :protocol than websocket",
    [*pseudo(PATH, "CONNECT"), (":protocol", "foo")], STREAM, "server 400",
)  # fmt: skip
asks(
    "host-differs", "a Host that is not :authority", [*pseudo(PATH), ("host", "evil.test")],
    Limit(":authority is lost; what is routed by is the Host, which the service gets too"), BROKEN,
)  # fmt: skip
asks(
    "two-hosts", "two Host fields", [*pseudo(PATH), ("host", "test"), ("host", "evil.test")], "gateway 400", BROKEN,
)  # fmt: skip


def follows(name: str, what: str, *frames: bytes, outcomes: tuple[str, ...]) -> None:
    """A POST that goes on with `frames`."""
    opening = head(1, pseudo(PATH, "POST"), ended=False)
    sent = one(opening, frame(DATA, 1, b"hello"), *frames)
    refuse(CASES, "A-32", name, what, sent, *outcomes, allowed=1, builtin=ours(name, outcomes))


follows("trailers-pseudo", "`:path` in trailers", head(1, [(":path", "/smuggled")]),
        outcomes=("served, without trailers", BROKEN))  # fmt: skip
follows("trailers-injected", "CRLF in trailers", head(1, [("x-a", INJECTED)]), outcomes=(BROKEN,))
follows("trailers-framing", "`content-length` and `transfer-encoding` in trailers",
        head(1, [("content-length", "9"), ("transfer-encoding", "chunked")]), outcomes=(STREAM, BROKEN))  # fmt: skip


@CASES.add("A-32", "length-exceeded", "DATA beyond `content-length`, later: the service gets no byte of it")
async def length_exceeded(stand: Stand) -> None:
    await _lies(stand, "/A-32/exceeded", b"hello", HIDDEN)


@CASES.add("A-32", "length-missed", "DATA that ends before `content-length`, later: nothing fills it up")
async def length_missed(stand: Stand) -> None:
    await _lies(stand, "/A-32/missed", b"hel", b"")


async def _lies(stand: Stand, path: str, first: bytes, then: bytes) -> None:
    """The service gets the beginning of the body, and its connection is closed before anything else."""
    rests: list[bytes] = []

    async def listen(wire: Wire) -> None:
        await wire.head()
        rests.append(await wire.reader.readexactly(len(first)))
        rests.append(await wire.reader.read())

    async def strike(client: FrameClient) -> None:
        known = len(rests)
        await client.send(head(1, [*pseudo(path, "POST"), ("content-length", "5")], ended=False), frame(DATA, 1, first))
        await eventually(lambda: len(rests) > known)
        await client.send(frame(DATA, 1, then, END_STREAM))
        assert verdict(await client.until(lambda seen: seen.over(1))) in {STREAM, BROKEN, "gateway 400"}
        await eventually(lambda: len(rests) > known + 1)

    stand.backend.answers[path] = listen
    await attack(stand, strike)
    assert rests[:2] == [first, b""]


@CASES.add("A-32", "framing", "framing is our own: chunks for DATA without a length, the length where there is one")
async def framing(stand: Stand) -> None:
    lengths: tuple[Fields, ...] = ([], [("content-length", "5")])
    for number, fields in enumerate(lengths):
        path = f"/A-32/framing/{number}"
        async with connect_frames(stand.secure.port, stand.authority) as client:
            opening = head(1, [*pseudo(path, "POST"), *fields], ended=False)
            await client.send(opening, frame(DATA, 1, b"he"), frame(DATA, 1, b"llo", END_STREAM))
            assert verdict(await client.until(lambda seen: seen.over(1))) == "served"
        sent = stand.upstream(path)
        assert (sent.get("content-length"), sent.get("transfer-encoding")) == [(None, ["chunked"]), (["5"], None)][
            number
        ]
        assert (stand.backend.bodies[-1], sent["x-forwarded-proto"]) == (b"hello", ["https"])
