"""Mutations of one message: of its fields, its framing, its request line, its chunks. Each changes it in place."""

import re
from collections.abc import Callable
from random import Random
from typing import Final

from tests.fuzz.message import Message

Operator = Callable[[Random, Message, Message], None]
"""Takes the message to change, and another one to take parts from."""

_NUMBER: Final = re.compile(rb"\d+")
_SIZE_LINE: Final = re.compile(rb"[0-9a-fA-F]+\r\n")
_CODINGS: Final = (
    b"Transfer-Encoding: chunked", b"transfer-encoding: Chunked", b"Transfer-Encoding:chunked",
    b"Transfer-Encoding: chunked ", b"Transfer-Encoding:\tchunked", b"Transfer-Encoding: \x0bchunked",
    b"Transfer-Encoding: chunked\x00", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: ,chunked", b"Transfer-Encoding: \"chunked\"", b"Transfer-Encoding: chunked;q=1",
    b"Transfer-Encoding: identity", b"Transfer-Encoding:", b"Transfer-Encoding : chunked",
    b"Transfer-Encoding\x00: chunked", b"Transfer-Encoding: chun\x80ked", b"X: y\nTransfer-Encoding: chunked",
)  # fmt: skip
_OTHERS: Final = (
    b"Content-Length: 0", b"Content-Length: 5", b"content-length: 13", b"Content-Length: -1", b"Content-Length: 0x5",
    b"Content-Length: 1e1", b"Content-Length: 18446744073709551621", b"Content-Length:", b"Content-Length: 5 5",
    b"Connection: close", b"Connection: keep-alive", b"Connection: Transfer-Encoding", b"Connection: Content-Length",
    b"Connection: Host, Via", b"Connection: upgrade", b"Upgrade: h2c", b"Upgrade: websocket", b"TE: trailers",
    b"Expect: 100-continue", b"Host: fuzz.test", b"Host:", b"Host: a, b", b"Host: fuzz.test\x00", b"Trailer: Host",
    b"Via: 1.1 fuzz", b"X-Forwarded-For: 127.0.0.1", b"X-Real-IP: 127.0.0.1", b"X-HTTP-Method-Override: DELETE",
    b"X-Original-URL: /x", b"Content-Encoding: gzip", b"Keep-Alive: timeout=1", b": a", b"a", b"X-A: b\rc",
)  # fmt: skip
_VERSIONS: Final = (b"HTTP/1.0", b"HTTP/1.1", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.2", b"http/1.1", b"HTTP/1.1 ", b"")
_METHODS: Final = (
    b"GET",
    b"HEAD",
    b"POST",
    b"OPTIONS",
    b"DELETE",
    b"gEt",
    b"CONNECT",
    b"TRACE",
    b"G\x00T",
    b"M-SEARCH",
)


def add_coding(rng: Random, message: Message, other: Message) -> None:
    """One more Transfer-Encoding, in one of its disguises."""
    message.fields.insert(rng.randint(0, len(message.fields)), rng.choice(_CODINGS))


def add_field(rng: Random, message: Message, other: Message) -> None:
    """One more field that some proxy or service heeds."""
    message.fields.insert(rng.randint(0, len(message.fields)), rng.choice(_OTHERS))


def splice_field(rng: Random, message: Message, other: Message) -> None:
    """A field of another message."""
    if other.fields:
        message.fields.insert(rng.randint(0, len(message.fields)), rng.choice(other.fields))


def repeat_field(rng: Random, message: Message, other: Message) -> None:
    """The same field again, somewhere."""
    if message.fields:
        message.fields.insert(rng.randint(0, len(message.fields)), rng.choice(message.fields))


def drop_field(rng: Random, message: Message, other: Message) -> None:
    """A field less."""
    if message.fields:
        del message.fields[rng.randrange(len(message.fields))]


def move_fields(rng: Random, message: Message, other: Message) -> None:
    """Another order."""
    rng.shuffle(message.fields)


def change_number(rng: Random, message: Message, other: Message) -> None:
    """Another number in a field: a length, as a rule."""
    if not message.fields:
        return
    at = rng.randrange(len(message.fields))
    name, colon, value = message.fields[at].partition(b":")
    message.fields[at] = name + colon + _NUMBER.sub(lambda found: _number(rng, found[0]), value, count=1)


def change_case(rng: Random, message: Message, other: Message) -> None:
    """Upper, lower or swapped letters in a name."""
    if message.fields:
        at = rng.randrange(len(message.fields))
        name, colon, value = message.fields[at].partition(b":")
        message.fields[at] = rng.choice((name.upper(), name.lower(), name.swapcase())) + colon + value


def pad_field(rng: Random, message: Message, other: Message) -> None:
    """Blanks, controls or a fold around a name or a value."""
    if message.fields:
        at = rng.randrange(len(message.fields))
        name, colon, value = message.fields[at].partition(b":")
        blank = rng.choice(
            (b" ", b"\t", b"  ", b"\x0b", b"\x0c", b"\x00", b"\r", b"\r\n ", b"\r\n\t", b"\xa0", b"\x85")
        )
        message.fields[at] = rng.choice((
            name + blank + colon + value, blank + name + colon + value, name + colon + blank + value,
            name + colon + value + blank, name + colon + value + blank + b"x",
        ))  # fmt: skip


def change_version(rng: Random, message: Message, other: Message) -> None:
    """Another version in the request line."""
    start, _, _ = message.line.rpartition(b" ")
    message.line = start + b" " + rng.choice(_VERSIONS)


def change_method(rng: Random, message: Message, other: Message) -> None:
    """Another method, with the same body."""
    _, _, rest = message.line.partition(b" ")
    message.line = rng.choice(_METHODS) + b" " + rest


def change_target(rng: Random, message: Message, other: Message) -> None:
    """Something before or after the target."""
    method, _, rest = message.line.partition(b" ")
    target, _, version = rest.rpartition(b" ")
    before = rng.choice(
        (b"", b"", b"/", b"//", b"http://fuzz.test", b"HTTP://other.test:80", b"http:/", b"\\", b"*", b"@")
    )
    after = rng.choice(
        (b"", b"?x", b"#x", b"%00", b"%0d%0aX:%20y", b"%2f", b"/..", b";a=b", b"\x80", b"\x00", b" x", b"%zz")
    )
    message.line = b"%b %b%b%b %b" % (method, before, target, after, version)


def change_size(rng: Random, message: Message, other: Message) -> None:
    """Another way to write a chunk size, or another size."""
    at = [place for place, piece in enumerate(message.body) if _SIZE_LINE.fullmatch(piece)]
    if not at:
        return
    place = rng.choice(at)
    size = message.body[place][:-2]
    message.body[place] = rng.choice((
        size.upper() + b"\r\n", b"0" + size + b"\r\n", b"000000000000000000000" + size + b"\r\n", size + b" \r\n",
        size + b";\r\n", size + b";a=\"b\r\n\"\r\n", size + b";" + b"a" * 300 + b"\r\n", size + b"\n", size + b"\r",
        b"0x" + size + b"\r\n", b"+" + size + b"\r\n", b"-" + size + b"\r\n", b" " + size + b"\r\n", b"\r\n",
        size + b"\x00\r\n", b"1" + b"0" * 15 + size + b"\r\n", b"%x\r\n" % (int(size, 16) + rng.randint(-3, 3) & 0xFFF),
        size + b";a\rb\r\n", size + b";a\nb\r\n", size + b"\t;x\r\n", b"0_" + size + b"\r\n", size + b"g\r\n",
    ))  # fmt: skip


def change_pieces(rng: Random, message: Message, other: Message) -> None:
    """A piece of the body dropped, repeated, exchanged, or taken from another message."""
    if not message.body:
        message.body += other.body
        return
    at = rng.randrange(len(message.body))
    match rng.randrange(4):
        case 0:
            del message.body[at]
        case 1:
            message.body.insert(at, message.body[at])
        case 2:
            message.body.insert(rng.randint(0, len(message.body)), message.body.pop(at))
        case _:
            message.body.insert(at, rng.choice(other.body or [b"\r\n"]))


def change_end(rng: Random, message: Message, other: Message) -> None:
    """Other line ends, or something before the request line."""
    if rng.random() < 0.5:
        message.end = rng.choice((b"\n", b"\r\r\n", b"\r", b"\n\r\n", b"\r\n"))
    else:
        message.before = rng.choice((b"\r\n", b"\n", b"\r\n\r\n", b" ", b"\x00", b"\xef\xbb\xbf", b"0\r\n\r\n"))


def _number(rng: Random, number: bytes) -> bytes:
    value = int(number[:18])
    return rng.choice((
        b"%d" % max(0, value + rng.randint(-3, 3)), b"%d" % (value * 10), b"0%d" % value, b"+%d" % value, b"%x" % value,
        b"%d" % (value + 2**64), b"%d" % (value + 2**32), b"-%d" % value, b"%d, %d" % (value, value), b"%d;" % value,
        b"%d.0" % value, b"\xb2", b"1_%d" % value, b"%d %d" % (value, value),
    ))  # fmt: skip


OPERATORS: Final[tuple[tuple[Operator, int], ...]] = (
    (add_coding, 3), (add_field, 5), (splice_field, 6), (repeat_field, 3), (drop_field, 2), (move_fields, 4),
    (change_number, 3), (change_case, 4), (pad_field, 4), (change_version, 2), (change_method, 4), (change_target, 3),
    (change_size, 4), (change_pieces, 4), (change_end, 2),
)  # fmt: skip
"""With their weights."""
