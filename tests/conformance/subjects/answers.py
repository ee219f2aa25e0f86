"""What the service answers, whole or broken: P-23 to P-28, P-30, P-31, A-34, F-14, F-15."""

import asyncio
from typing import Final

from tests.backends import Answer, Wire, eventually, ok
from tests.conformance.case import Cases, Limit
from tests.conformance.stand import Stand, request

CASES: Final = Cases()
add = CASES.add


def malformed(ref: str, name: str, what: str, answer: bytes) -> None:
    """An answer that must become a 502 problem, whose connection is never used again."""

    @add(ref, name, what)
    async def check(stand: Stand) -> None:
        target, closed = f"/{ref}/{name}", stand.backend.closed
        said = await stand.ask(target, stay(answer))
        assert (said.status, said.field("content-type")) == (502, ["application/problem+json"])
        assert b"secret" not in said.data
        assert (await stand.gateway.record(target))["error"] == "upstream_malformed"
        await eventually(lambda: stand.backend.closed > closed)


def stay(answer: bytes) -> Answer:
    """Say `answer` and wait for the other side to close."""

    async def say(wire: Wire) -> None:
        await wire.request()
        await wire.say(answer)
        await wire.reader.read()

    return say


HEAD: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = HEAD + b"transfer-encoding: chunked\r\n\r\n"

for ref, name, what, answer in (
    ("P-23", "cl-and-te", "Content-Length and Transfer-Encoding",
     HEAD + b"content-length: 6\r\ntransfer-encoding: chunked\r\n\r\n6\r\nsecret\r\n0\r\n\r\n"),
    ("P-23", "cl-twice-different", "Content-Length twice, different",
     HEAD + b"content-length: 6\r\ncontent-length: 7\r\n\r\nsecret"),
    ("P-23", "cl-no-number", "`Content-Length: +6`", HEAD + b"content-length: +6\r\n\r\nsecret"),
    ("P-23", "te-gzip", "`Transfer-Encoding: gzip`", HEAD + b"transfer-encoding: gzip\r\n\r\nsecret"),
    ("P-23", "te-in-http-1-0", "Transfer-Encoding in HTTP/1.0",
     b"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nsecret\r\n0\r\n\r\n"),
    ("P-31", "obs-fold", "a folded field in an answer", HEAD + b"x-a: 1\r\n secret: 2\r\ncontent-length: 0\r\n\r\n"),
    ("P-28", "17-interim-answers", "more than 16 interim answers", b"HTTP/1.1 102 P\r\n\r\n" * 17 + ok(b"secret")),
    ("P-28", "101-unasked", "101 that nobody asked for",
     b"HTTP/1.1 101 S\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nsecret"),
    ("A-34", "bare-cr", "bare CR in a field: response splitting", ok(b"secret", b"x-a: 1\rset-cookie: a=secret")),
    ("A-34", "bare-lf", "bare LF between fields", HEAD + b"x-a: 1\nset-cookie: secret\r\ncontent-length: 0\r\n\r\n"),
    ("A-34", "blank-before-colon", "`content-length : 6`", HEAD + b"content-length : 6\r\n\r\nsecret"),
    ("F-15", "garbage", "bytes that are no HTTP", b"\x16\x03\x01 secret garbage\r\n\r\n"),
    ("F-15", "http-2-preface", "an answer in HTTP/2", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00secret"),
    ("F-15", "status-999", "a status outside of 100 to 599", b"HTTP/1.1 999 X\r\ncontent-length: 6\r\n\r\nsecret"),
    ("F-15", "huge-head", "a head of 50 KB", ok(b"secret", b"x-a: " + b"a" * 50_000)),
    ("F-15", "endless-head", "a head that never ends", HEAD + b"x-secret: 1\r\n" * 20_000),
):  # fmt: skip
    malformed(ref, name, what, answer)


async def cut(stand: Stand, target: str, data: bytes, *, reset: bool = False) -> None:
    """The client must see that the answer to `target`, which breaks off after `data`, is not whole."""

    async def say(wire: Wire) -> None:
        await wire.request()
        await wire.say(data)
        await asyncio.sleep(0.05)
        if reset:
            wire.reset()
        else:
            wire.writer.close()

    stand.backend.answers[target] = say
    said = await stand.talk(request(f"GET {target}"))
    assert (said.status, said.closed) == (200, True)
    assert b"hello" in said.body
    assert not said.body.endswith(b"0\r\n\r\n")
    assert (await stand.gateway.record(target))["error"] == "upstream_truncated"


@add("P-24", "short-length", "a body shorter than its Content-Length looks incomplete")
async def short_length(stand: Stand) -> None:
    await cut(stand, "/P-24/length", HEAD + b"content-length: 100\r\n\r\nhello")


@add("P-24", "cut-chunks", "chunks without the last one look incomplete")
async def cut_chunks(stand: Stand) -> None:
    await cut(stand, "/P-24/chunks", CHUNKED + b"5\r\nhello\r\n")


@add("F-14", "reset", "a reset in the middle of a body looks incomplete")
async def reset_in_body(stand: Stand) -> None:
    await cut(stand, "/F-14", HEAD + b"content-length: 100\r\n\r\nhello", reset=True)


@add("P-25", "close-delimited", "a body that ends with its connection is passed on whole")
async def close_delimited(stand: Stand) -> None:
    said = await stand.ask("/P-25", HEAD + b"\r\nhello")
    assert (said.status, said.closed) == (200, True)
    assert b"hello" in said.body


@add("P-26", "bytes-after-the-answer", "bytes after an answer go to nobody, and their connection is not used again")
async def bytes_after_the_answer(stand: Stand) -> None:
    closed = stand.backend.closed
    answer = ok(b"first") + ok(b"smuggled")
    assert (await stand.ask("/P-26", stay(answer))).body == b"first"
    await eventually(lambda: stand.backend.closed > closed)
    assert (await stand.get("/P-26/next")).body == b"served"


@add("P-26", "unasked-answer", "an answer that comes while a connection is idle goes to nobody")
async def unasked_answer(stand: Stand) -> None:
    async def say(wire: Wire) -> None:
        await wire.request()
        await wire.say(ok(b"first"))
        await asyncio.sleep(0.1)
        await wire.say(ok(b"smuggled"))
        await wire.reader.read()

    closed = stand.backend.closed
    assert (await stand.ask("/P-26/idle", say)).body == b"first"
    await eventually(lambda: stand.backend.closed > closed)
    assert (await stand.get("/P-26/after")).body == b"served"


@add("P-27", "head", "an answer to HEAD keeps its Content-Length and has no body")
async def head(stand: Stand) -> None:
    said = await stand.ask("/P-27/head", HEAD + b"content-length: 1234\r\n\r\n", method="HEAD")
    assert (said.field("content-length"), said.body) == (["1234"], b"")


@add("P-27", "head-with-a-body", "a body that comes after all is dropped")
async def head_with_a_body(stand: Stand) -> None:
    said = await stand.ask("/P-27/body", stay(ok(b"secret")), method="HEAD")
    assert (said.field("content-length"), said.body) == (["6"], b"")


async def bodiless(stand: Stand, status: int, length: list[str]) -> None:
    """An answer with `status` comes without the body that the service sends, and with this Content-Length."""
    answer = b"HTTP/1.1 %d X\r\netag: x\r\ncontent-length: 6\r\n\r\nsecret" % status
    said = await stand.ask(f"/P-27/{status}", stay(answer))
    assert (said.status, said.body) == (status, b"")
    assert said.field("content-length") == length


@add("P-27", "204", "204 has neither body nor Content-Length")
async def no_content(stand: Stand) -> None:
    await bodiless(stand, 204, [])


@add("P-27", "304", "304 has no body, and keeps its Content-Length", Limit("the server drops Content-Length of a 304"))
async def not_modified(stand: Stand) -> None:
    await bodiless(stand, 304, ["6"])


@add("P-28", "interim", "interim answers of the service stay away from HTTP/1.1 clients")
async def interim(stand: Stand) -> None:
    early = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    )
    said = await stand.ask("/P-28", early + ok(b"final"))
    assert (said.status, said.body, said.answers) == (200, b"final", 1)


@add("P-30", "response-trailers", "trailers of an answer are dropped whole over HTTP/1.1")
async def response_trailers(stand: Stand) -> None:
    chunks = b"5\r\nhello\r\n0\r\nx-sum: 1\r\nset-cookie: a=1\r\ncontent-length: 9\r\n\r\n"
    said = await stand.ask("/P-30", HEAD + b"trailer: x-sum\r\ntransfer-encoding: chunked\r\n\r\n" + chunks)
    assert b"hello" in said.data
    assert not said.field("trailer")
    assert b"x-sum" not in said.data
    assert b"set-cookie" not in said.data


@add("F-15", "endless-body", "a body without end is cut when its client leaves")
async def endless_body(stand: Stand) -> None:
    async def say(wire: Wire) -> None:
        await wire.request()
        await wire.say(HEAD + b"\r\n")
        while True:
            await wire.say(b"x" * 65536)

    stand.backend.answers["/F-15/endless"] = say
    closed = stand.backend.closed
    said = await stand.talk(request("GET /F-15/endless"), until=b"x" * 65536)
    assert said.status == 200
    await eventually(lambda: stand.backend.closed > closed)
