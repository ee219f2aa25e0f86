"""Bytes that nobody should send: those of the conformance cases, garbage, and good requests with a byte turned."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final, NoReturn, cast

from tests.clients import connect
from tests.conformance.case import Case
from tests.conformance.catalogue import CASES
from tests.conformance.stand import Stand
from tests.soak.site import Site, Unexpected

PATIENCE: Final = 1.5
"""Seconds after which a hostile client leaves, if it was not sent away."""
_GOOD: Final = (
    b"POST /good/up HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\nhello",
    b"POST /good/up HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"GET /good/x?a=b HTTP/1.1\r\nhost: test\r\nconnection: close\r\nx-a: 1\r\n\r\n",
)
_ALLOWED: Final = {0, 100, 101, 200, 501, 505, 508, *range(400, 500)}
"""Statuses a hostile client may see; 0 is a connection that was closed or kept without a word."""


class _Sent(Exception):
    """Stops a case at its first bytes."""

    def __init__(self, parts: tuple[bytes, ...]) -> None:
        super().__init__()
        self.parts = parts


class _Overhearing:
    """Stands in for a stand: it takes what a case sends, and ends the case there."""

    server = "builtin"

    def __init__(self) -> None:
        self.backend = self
        self.received: list[bytes] = []
        self.bodies: list[bytes] = []
        self.heads: list[bytes] = []
        self.answers: dict[str, object] = {}

    def targets(self) -> list[str]:
        """As a recorder's."""
        return []

    async def talk(self, *parts: bytes, **_: Any) -> NoReturn:
        """Never answers."""
        raise _Sent(parts)


def streams() -> Iterator[bytes]:
    """What the conformance cases send that some server refuses, and all of the smuggling."""
    for case in CASES:
        refused = any(outcome.startswith(("gateway 4", "server 4")) for outcome in case.outcome.values())
        if refused or case.id == "A-30":
            yield from _sent_by(case)


def _sent_by(case: Case) -> Iterator[bytes]:
    check = case.check(cast("Stand", _Overhearing()))
    try:
        cast("Any", check).send(None)
    except _Sent as sent:
        yield b"".join(sent.parts)
    except (AttributeError, RuntimeError, StopIteration):
        return  # Needs more of a stand than to send bytes.
    finally:
        cast("Any", check).close()


STREAMS: Final = tuple(streams())


async def known(site: Site) -> None:
    """A stream that is known to be wrong."""
    await _say(site, site.dice.choice(STREAMS))


async def turned(site: Site) -> None:
    """A good request with a byte turned, gone, or doubled."""
    data = bytearray(site.dice.choice(_GOOD))
    for _ in range(site.dice.randint(1, 3)):
        place = site.dice.randrange(len(data))
        data[place : place + 1] = site.dice.choice(
            (b"", bytes((site.dice.randrange(256),)), data[place : place + 1] * 2)
        )
    await _say(site, bytes(data))


async def garbage(site: Site) -> None:
    """No HTTP at all: random bytes, a TLS handshake, a head without an end."""
    kind = site.dice.randrange(3)
    if kind == 0:
        await _say(site, site.dice.randbytes(site.dice.randint(1, 5000)))
    elif kind == 1:
        await _say(site, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + site.dice.randbytes(506))
    else:
        await _say(site, b"GET / HTTP/1.1\r\n" + b"x-a: " + b"b" * site.dice.randint(10_000, 200_000))


async def _say(site: Site, data: bytes) -> None:
    seen = b""
    try:
        async with connect(site.port) as client, asyncio.timeout(PATIENCE):
            client.writer.write(data)
            while chunk := await client.reader.read(65536):
                seen += chunk
    except (TimeoutError, ConnectionError):
        pass
    line = seen[:12].split(b" ")
    status = int(line[1]) if len(line) > 1 and line[1].isdigit() else 0
    if status not in _ALLOWED:
        raise Unexpected(f"answered {status} to {data[:300]!r}")
