"""Frames that break RFC 9113, one by one, in the order of its sections (as h2spec has them), and random ones."""

import random
import struct
from collections.abc import Iterable

import pytest

from tests.h2_frames import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    PADDED,
    PING,
    PREFACE,
    PRIORITIZED,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Fields,
    block,
    frame,
    head,
    pseudo,
    reset,
    update,
)
from tests.unit.infrastructure.downstream.http2_bench import Bench

FIELDS = pseudo("/", scheme="http")
GET = head(1, FIELDS)
POST = head(1, pseudo("/", "POST", scheme="http"), ended=False)
WAIT = head(1, pseudo("/wait", scheme="http"))
BLOCK = block(FIELDS)
LARGE = block([("x-a", "b" * 1000)] * 15)
BOTH = END_STREAM | END_HEADERS
PROTOCOL, FLOW, CLOSED, SIZE, COMPRESSION, CALM = (
    "goaway 1", "goaway 3", "goaway 5", "goaway 6", "goaway 9", "goaway 11",
)  # fmt: skip


def setting(key: int, value: int) -> bytes:
    return frame(SETTINGS, 0, struct.pack("!HL", key, value))


def dependency(stream: int) -> bytes:
    return struct.pack("!LB", stream, 16)


def with_fields(*fields: tuple[str, str]) -> bytes:
    return head(1, [*FIELDS, *fields])


def changed(name: str, value: str | None) -> bytes:
    kept: Fields = [(key, old) for key, old in FIELDS if key != name]
    return head(1, kept if value is None else [(name, value), *kept])


def upload(length: str, *data: bytes) -> bytes:
    opening = head(1, [*pseudo("/", "POST", scheme="http"), ("content-length", length)], ended=False)
    return opening + b"".join(frame(DATA, 1, part, END_STREAM * (part is data[-1])) for part in data)


SOUND: dict[str, tuple[bytes, str]] = {
    "a request": (GET, "answer 200"),
    "a request in two frames": (
        frame(HEADERS, 1, BLOCK[:9], END_STREAM) + frame(CONTINUATION, 1, BLOCK[9:], END_HEADERS), "answer 200",
    ),
    "a padded head": (frame(HEADERS, 1, b"\x03" + BLOCK + bytes(3), BOTH | PADDED), "answer 200"),
    "a head with a priority": (frame(HEADERS, 1, dependency(0) + BLOCK, BOTH | PRIORITIZED), "answer 200"),
    "a padded head with a priority": (
        frame(HEADERS, 1, b"\x02" + dependency(7) + BLOCK + bytes(2), BOTH | PADDED | PRIORITIZED), "answer 200",
    ),
    "a body": (POST + frame(DATA, 1, b"a") + frame(DATA, 1, b"b", END_STREAM), "answer 200"),
    "a padded body": (POST + frame(DATA, 1, b"\x02ab\0\0", END_STREAM | PADDED), "answer 200"),
    "an empty end": (POST + frame(DATA, 1, b"a") + frame(DATA, 1, b"", END_STREAM), "answer 200"),
    "trailers": (POST + head(1, [("x-a", "1")]), "answer 200"),
    "a length that fits": (upload("4", b"ab", b"cd"), "answer 200"),
    "a length twice": (
        head(1, [*FIELDS, ("content-length", "0"), ("content-length", "0")]), "answer 200",
    ),
    "a frame of an unknown type": (frame(0x16, 0, b"12345678") + GET, "answer 200"),
    "one on a stream": (WAIT + frame(0x16, 1, b"12345678") + head(3, FIELDS), "nothing"),
    "unknown flags": (frame(PING, 0, bytes(8), 0x16) + GET, "answer 200"),
    "a reserved bit": (GET[:5] + b"\x80" + GET[6:], "answer 200"),
    "an unknown setting": (setting(0xFF, 1) + GET, "answer 200"),
    "PRIORITY of a stream to come": (frame(PRIORITY, 5, dependency(0)) + GET, "answer 200"),
    "PRIORITY of a closed stream": (WAIT + reset(1) + frame(PRIORITY, 1, dependency(0)) + head(3, FIELDS), "nothing"),
    "a table of nothing": (setting(1, 0) + GET, "answer 200"),
    "te: trailers": (with_fields(("te", "trailers")), "answer 200"),
    "a host that is the authority": (with_fields(("host", "TEST")), "answer 200"),
    "a method nobody knows": (changed(":method", "BREW"), "answer 200"),
    "OPTIONS *": (head(1, pseudo("*", "OPTIONS", scheme="http")), "answer 200"),
    "CONNECT": (head(1, [(":method", "CONNECT"), (":authority", "test:80")]), "answer 200"),
    "another :protocol": (head(1, [*pseudo("/", "CONNECT", scheme="http"), (":protocol", "x")]), "answer 501"),
    "many fields": (with_fields(*[("x-a", "b" * 1000)] * 15), "answer 200"),
    "WINDOW_UPDATE of a closed stream": (WAIT + reset(1) + update(1, 5), "nothing"),
    "RST_STREAM of a closed stream": (WAIT + reset(1) + reset(1), "nothing"),
}  # fmt: skip

BROKEN: dict[str, tuple[bytes, str]] = {
    # Section 4: frames and field blocks.
    "4.2 DATA that is too large": (POST + frame(DATA, 1, bytes(16385)), SIZE),
    "4.2 a head that is too large": (frame(HEADERS, 1, bytes(16385), BOTH), SIZE),
    "4.2 only the head of one": (b"\xff\xff\xff" + bytes(6), SIZE),
    "4.3 a block that is not sound": (frame(HEADERS, 1, b"\x80", BOTH), COMPRESSION),
    "4.3 an index that is none": (frame(HEADERS, 1, b"\xff\x00", BOTH), COMPRESSION),
    "4.3 a block that is cut off": (frame(HEADERS, 1, BLOCK + b"\x00\x05ab", BOTH), COMPRESSION),
    "4.3 a table that is too large": (frame(HEADERS, 1, b"\x3f\xe1\xff\x7f" + BLOCK, BOTH), COMPRESSION),
    "4.3 PRIORITY within a block": (frame(HEADERS, 1, BLOCK, END_STREAM) + frame(PRIORITY, 1, dependency(0)), PROTOCOL),
    "4.3 a head within a block": (frame(HEADERS, 1, BLOCK, END_STREAM) + head(3, FIELDS), PROTOCOL),
    "4.3 a block of another stream": (
        frame(HEADERS, 1, BLOCK, END_STREAM) + frame(CONTINUATION, 3, b"", END_HEADERS), PROTOCOL,
    ),
    "4.3 an unknown type within a block": (frame(HEADERS, 1, BLOCK, END_STREAM) + frame(0x16, 1), PROTOCOL),
    # Section 5: streams.
    "5.1 DATA of an idle stream": (frame(DATA, 1, b"a"), PROTOCOL),
    "5.1 RST_STREAM of an idle stream": (reset(1), PROTOCOL),
    "5.1 WINDOW_UPDATE of an idle stream": (update(1, 5), PROTOCOL),
    "5.1 CONTINUATION of an idle stream": (frame(CONTINUATION, 1, BLOCK, END_HEADERS), PROTOCOL),
    "5.1 DATA after the end": (WAIT + frame(DATA, 1, b"a"), CLOSED),
    "5.1 HEADERS after the end": (WAIT + GET, CLOSED),
    "5.1 CONTINUATION after the end": (WAIT + frame(CONTINUATION, 1, BLOCK, END_HEADERS), PROTOCOL),
    "5.1 DATA after RST_STREAM": (POST + reset(1) + frame(DATA, 1, b"a"), CLOSED),
    "5.1 HEADERS after RST_STREAM": (POST + reset(1) + GET, CLOSED),
    "5.1.1 an even stream": (head(2, FIELDS), PROTOCOL),
    "5.1.1 a stream that was skipped": (head(5, FIELDS) + head(3, FIELDS), PROTOCOL),
    "5.1.1 DATA of one that was skipped": (head(5, FIELDS) + frame(DATA, 3, b"a"), PROTOCOL),
    "5.3 a stream that depends on itself": (frame(PRIORITY, 1, dependency(1)), PROTOCOL),
    "5.3 a head that does": (frame(HEADERS, 1, dependency(1) + BLOCK, BOTH | PRIORITIZED), PROTOCOL),
    # Section 6: each type.
    "6.1 DATA of no stream": (frame(DATA, 0, b"a"), PROTOCOL),
    "6.1 more padding than frame": (POST + frame(DATA, 1, b"\x05abcd", PADDED), PROTOCOL),
    "6.1 padding without its length": (POST + frame(DATA, 1, b"", PADDED), SIZE),
    "6.2 HEADERS of no stream": (frame(HEADERS, 0, BLOCK, BOTH), PROTOCOL),
    "6.2 more padding than head": (frame(HEADERS, 1, b"\xff" + BLOCK, BOTH | PADDED), PROTOCOL),
    "6.2 a priority without room": (frame(HEADERS, 1, b"\0\0", BOTH | PRIORITIZED), SIZE),
    "6.3 PRIORITY of no stream": (frame(PRIORITY, 0, dependency(1)), PROTOCOL),
    "6.3 PRIORITY of 4 bytes": (frame(PRIORITY, 1, bytes(4)), SIZE),
    "6.4 RST_STREAM of no stream": (reset(0), PROTOCOL),
    "6.4 RST_STREAM of 3 bytes": (WAIT + frame(RST_STREAM, 1, bytes(3)), SIZE),
    "6.5 an acknowledgement with a payload": (frame(SETTINGS, 0, bytes(6), ACK), SIZE),
    "6.5 SETTINGS of a stream": (frame(SETTINGS, 1), PROTOCOL),
    "6.5 SETTINGS of 5 bytes": (frame(SETTINGS, 0, bytes(5)), SIZE),
    "6.5.2 ENABLE_PUSH of 2": (setting(2, 2), PROTOCOL),
    "6.5.2 a window of 2^31": (setting(4, 2**31), FLOW),
    "6.5.2 a frame size below 2^14": (setting(5, 2**14 - 1), PROTOCOL),
    "6.5.2 a frame size of 2^24": (setting(5, 2**24), PROTOCOL),
    "6.5.2 ENABLE_CONNECT_PROTOCOL of 2": (setting(8, 2), PROTOCOL),
    "6.6 PUSH_PROMISE": (frame(PUSH_PROMISE, 1, bytes(4) + BLOCK, END_HEADERS), PROTOCOL),
    "6.7 PING of a stream": (frame(PING, 1, bytes(8)), PROTOCOL),
    "6.7 PING of 6 bytes": (frame(PING, 0, bytes(6)), SIZE),
    "6.8 GOAWAY of a stream": (frame(GOAWAY, 1, bytes(8)), PROTOCOL),
    "6.8 GOAWAY of 4 bytes": (frame(GOAWAY, 0, bytes(4)), SIZE),
    "6.9 WINDOW_UPDATE by nothing": (update(0, 0), PROTOCOL),
    "6.9 of a stream by nothing": (WAIT + update(1, 0), PROTOCOL),
    "6.9 WINDOW_UPDATE of 3 bytes": (frame(WINDOW_UPDATE, 0, bytes(3)), SIZE),
    "6.9.1 a window of 2^31": (update(0, 2**31 - 1), FLOW),
    "6.9.1 that of a stream": (WAIT + update(1, 2**31 - 1), "reset 3"),
    "6.9.2 an initial window that makes one too wide": (WAIT + update(1, 2**31 - 65536) + setting(4, 65536), FLOW),
    "6.10 CONTINUATION after a whole head": (WAIT + frame(CONTINUATION, 1, b"", END_HEADERS), PROTOCOL),
    "6.10 CONTINUATION after DATA": (POST + frame(DATA, 1, b"a") + frame(CONTINUATION, 1, b"", END_HEADERS), PROTOCOL),
    "6.10 CONTINUATION of no stream": (frame(CONTINUATION, 0, b"", END_HEADERS), PROTOCOL),
    "6.10 65 of them": (frame(HEADERS, 1, BLOCK) + frame(CONTINUATION, 1) * 65, CALM),
    "6.10 too large a block": (frame(HEADERS, 1, BLOCK) + frame(CONTINUATION, 1, bytes(16000)) * 5, CALM),
    # Section 8: requests.
    "8.1 trailers that do not end": (POST + head(1, [("x-a", "1")], ended=False), "reset 1"),
    "8.1 a pseudo field in trailers": (POST + head(1, [(":path", "/")]), "reset 1"),
    "8.1 a line break in trailers": (POST + head(1, [("x-a", "a\r\nb")]), "reset 1"),
    "8.1 transfer-encoding in trailers": (POST + head(1, [("transfer-encoding", "chunked")]), "reset 1"),
    "8.1 trailers that are too large": (
        POST + frame(HEADERS, 1, LARGE, END_STREAM) + frame(CONTINUATION, 1, LARGE) * 2
        + frame(CONTINUATION, 1, LARGE, END_HEADERS), "reset 1",
    ),
    "8.1.1 less than the length": (upload("5", b"ab", b"cd"), "reset 1"),
    "8.1.1 more than the length": (upload("3", b"ab", b"cd"), "reset 1"),
    "8.1.1 a length and no body": (head(1, [*FIELDS, ("content-length", "1")]), "reset 1"),
    "8.1.1 trailers before the length": (
        upload("3", b"a") [:-10] + frame(DATA, 1, b"a") + head(1, [("x-a", "1")]), "reset 1",
    ),
    "8.2.1 a name in upper case": (with_fields(("X-A", "1")), "reset 1"),
    "8.2.1 a name with a blank": (with_fields(("x a", "1")), "reset 1"),
    "8.2.1 a name with a colon": (with_fields(("x:a", "1")), "reset 1"),
    "8.2.1 an empty name": (with_fields(("", "1")), "reset 1"),
    "8.2.1 a name beyond ASCII": (with_fields(("x\xe9", "1")), "reset 1"),
    "8.2.1 LF in a value": (with_fields(("x-a", "a\nb")), "reset 1"),
    "8.2.1 CR in a value": (with_fields(("x-a", "a\rb")), "reset 1"),
    "8.2.1 NUL in a value": (with_fields(("x-a", "a\0b")), "reset 1"),
    **{
        f"8.2.2 {name}": (with_fields((name, "close")), "reset 1")
        for name in ("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade")
    },
    "8.2.2 te: gzip": (with_fields(("te", "gzip")), "reset 1"),
    "8.2.2 te: trailers, gzip": (with_fields(("te", "trailers, gzip")), "reset 1"),
    "8.3 a pseudo field nobody knows": (head(1, [*FIELDS, (":foo", "1")]), "reset 1"),
    "8.3 one of answers": (head(1, [*FIELDS, (":status", "200")]), "reset 1"),
    "8.3 one after a field": (head(1, [("x-a", "1"), *FIELDS]), "reset 1"),
    "8.3.1 no :method": (changed(":method", None), "reset 1"),
    "8.3.1 no :scheme": (changed(":scheme", None), "reset 1"),
    "8.3.1 no :path": (changed(":path", None), "reset 1"),
    "8.3.1 an empty :path": (changed(":path", ""), "reset 1"),
    "8.3.1 a :path without a slash": (changed(":path", "a"), "reset 1"),
    "8.3.1 an absolute :path": (changed(":path", "http://test/"), "reset 1"),
    "8.3.1 a blank in :path": (changed(":path", "/a b"), "reset 1"),
    "8.3.1 LF in :path": (changed(":path", "/\n"), "reset 1"),
    "8.3.1 LF in :method": (changed(":method", "GET\n"), "reset 1"),
    "8.3.1 another :scheme": (changed(":scheme", "gopher"), "reset 1"),
    "8.3.1 two :method": (head(1, [FIELDS[0], *FIELDS]), "reset 1"),
    "8.3.1 two :path": (head(1, [*FIELDS, FIELDS[3]]), "reset 1"),
    "8.3.1 a host that is not the authority": (with_fields(("host", "other")), "reset 1"),
    "8.3.1 two hosts": (with_fields(("host", "test"), ("host", "test")), "reset 1"),
    "8.5 CONNECT with a path": (head(1, pseudo("/", "CONNECT", scheme="http")), "reset 1"),
    "8.5 CONNECT without an authority": (head(1, [(":method", "CONNECT")]), "reset 1"),
    "RFC 8441: :protocol of a GET": (head(1, [*FIELDS, (":protocol", "websocket")]), "reset 1"),
    **{
        f"content-length: {value}": (upload(value, b"abcde"), "reset 1")
        for value in ("+5", "-5", "5, 5", "5x", "", " 5", "5_0", "9" * 19, "0")
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
async def test_what_is_sound_is_served(name: str) -> None:
    frames, expected = SOUND[name]
    bench = await Bench().run(frames)
    assert bench.verdict() == expected
    assert bench.goaway is None


@pytest.mark.parametrize("name", BROKEN)
async def test_what_breaks_the_rules_ends_its_stream_or_the_connection(name: str) -> None:
    frames, expected = BROKEN[name]
    bench = await Bench().run(frames)
    assert bench.verdict() == expected
    if bench.goaway:
        assert bench.goaway_text
        assert bench.transport.half_closed
    else:
        assert bench.connection.streams == {}
        served = await bench.run(head(11, FIELDS))
        assert served.verdict(11) == "answer 200", "the other streams of the connection go on"


@pytest.mark.parametrize("name", BROKEN)
async def test_it_does_not_matter_in_what_pieces_it_comes(name: str) -> None:
    frames, expected = BROKEN[name]
    bench = Bench()
    for at in range(0, len(frames), max(1, len(frames) // 300)):
        bench.send(frames[at : at + max(1, len(frames) // 300)])
    assert (await bench.run()).verdict() == expected


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", PROTOCOL),
        (PREFACE[:-1] + b"x", PROTOCOL),
        (PREFACE + GET, PROTOCOL),
        (PREFACE + frame(SETTINGS, 0, b"", ACK), PROTOCOL),
        (PREFACE[:5], "nothing"),
    ],
)
async def test_a_connection_begins_with_the_preface_and_settings(data: bytes, verdict: str) -> None:
    bench = Bench(begin=False)
    bench.connection.connection_made(bench.transport)  # type: ignore[arg-type]
    assert (await bench.run(data)).verdict() == verdict


async def test_the_preface_may_come_byte_by_byte() -> None:
    bench = Bench(begin=False)
    bench.connection.connection_made(bench.transport)  # type: ignore[arg-type]
    for byte in PREFACE + frame(SETTINGS) + GET:
        bench.send(bytes([byte]))
    assert (await bench.run()).verdict() == "answer 200"


async def test_fields_that_are_far_too_large_are_answered_with_431() -> None:
    pieces = block([*FIELDS, *[("x-a", "b" * 1000)] * 49])
    frames = [frame(HEADERS, 1, pieces[:16000], END_STREAM)]
    frames += [frame(CONTINUATION, 1, pieces[at : at + 16000]) for at in range(16000, len(pieces), 16000)]
    frames.append(frame(CONTINUATION, 1, b"", END_HEADERS))
    bench = await Bench().run(*frames, head(3, FIELDS))
    assert (bench.verdict(1), bench.verdict(3)) == ("answer 431", "answer 200")


async def test_more_fields_than_are_taken_are_answered_with_431() -> None:
    bench = await Bench().run(frame(HEADERS, 1, BLOCK + block([("a", "")] * 1001), BOTH))
    assert bench.verdict() == "answer 431"


def mutations(seed: int) -> Iterable[bytes]:
    """Frames at random, half of them sound ones with some bytes changed."""
    chance = random.Random(seed)
    known = [frames for frames, _ in (*SOUND.values(), *BROKEN.values()) if len(frames) < 2000]
    for _ in range(chance.randrange(1, 20)):
        data = bytearray(chance.choice(known))
        if chance.random() < 0.6:
            for _ in range(chance.randrange(1, 4)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            data = bytearray(
                frame(
                    chance.randrange(12),
                    chance.randrange(12),
                    chance.randbytes(chance.randrange(40)),
                    chance.randrange(256),
                )
            )
        yield bytes(data)


@pytest.mark.parametrize("seed", range(40))
async def test_nothing_that_is_sent_raises(seed: int) -> None:
    for number in range(20):
        bench = Bench()
        for data in mutations(seed * 1000 + number):
            bench.send(data)
        await bench.run()
        bench.connection.connection_lost(None)
        await bench.run()
        assert not bench.connection.running
        assert bench.site.connections == {}
