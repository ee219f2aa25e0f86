"""Exchanges that stop half-way: A-35. Whatever was left of one is never read as the beginning of another."""

import asyncio
from contextlib import suppress
from typing import Final, NamedTuple

from tests.backends import Wire, ok
from tests.clients import connect
from tests.conformance.case import Cases
from tests.conformance.stand import Stand, request
from tests.h2_frames import DATA, END_STREAM, connect_frames, frame, head, pseudo, reset

CASES: Final = Cases()

HIDDEN: Final = request("GET /smuggled")
LATE: Final = ok(b"late")
"""What the service says when nobody waits for it any more."""


class Upload(NamedTuple):
    """A body of which `sent` is sent with the head; then the client waits for the answer, or leaves."""

    sent: bytes
    length: int
    leaves: bool = False


PART: Final = Upload(HIDDEN, 2 * len(HIDDEN))
WHOLE: Final = Upload(HIDDEN, len(HIDDEN))


class Service:
    """The other side of the exchange: it says `early`, reads what comes until the gateway closes, and is late."""

    def __init__(self, early: bytes) -> None:
        self.begun, self.over = asyncio.Event(), asyncio.Event()
        self.rest = b""
        """Everything after the head."""
        self.wires: list[Wire] = []
        self._early = early

    async def __call__(self, wire: Wire) -> None:
        """Answer the request."""
        await wire.head()
        self.wires.append(wire)
        self.begun.set()
        await wire.say(self._early)
        self.rest = await wire.reader.read()
        with suppress(ConnectionError):
            await wire.say(LATE)
        wire.writer.close()
        self.over.set()


async def over_http1(stand: Stand, target: str, upload: Upload, service: Service) -> bytes:
    """The exchange over HTTP/1.1; the rest of the body follows the answer, when it is nobody's any more."""
    said = b""
    async with connect(stand.gateway.port) as client:
        client.writer.write(request(f"POST {target}", f"Content-Length: {upload.length}") + upload.sent)
        await service.begun.wait()
        while not upload.leaves and not said.endswith((b"}", b"early")):
            chunk = await client.reader.read(65536)
            said += chunk
            if not chunk:
                break
        if not upload.leaves:
            client.writer.write(HIDDEN[: upload.length - len(upload.sent)])
            await asyncio.sleep(0.05)
    return said.removeprefix(b"HTTP/1.1 ")


async def over_http2(stand: Stand, target: str, upload: Upload, service: Service) -> bytes:
    """The same over HTTP/2, on a stream that is reset when the client leaves."""
    fields = [*pseudo(target, "POST"), ("content-length", str(upload.length))]
    async with connect_frames(stand.secure.port, stand.authority) as client:
        ended = END_STREAM if len(upload.sent) == upload.length else 0
        await client.send(head(1, fields, ended=False), frame(DATA, 1, upload.sent, ended))
        await service.begun.wait()
        if not upload.leaves:
            await client.until(lambda seen: seen.over(1))
        await client.send(reset(1), frame(DATA, 1, HIDDEN[: upload.length - len(upload.sent)], END_STREAM))
        await client.passed(1)
        seen = client.seen
    return b"%d %b" % (seen.statuses.get(1, 0), seen.bodies.get(1, b""))


async def next_ones(stand: Stand, target: str) -> list[Wire]:
    """The connections that later requests use; they get their own answers."""
    wires: list[Wire] = []

    async def say(wire: Wire) -> None:
        wires.append(wire)
        await wire.request()
        await wire.say(ok(b"next"))

    for _ in range(3):
        assert (await stand.ask(target, say)).body == b"next"
    return wires


def stops(name: str, what: str, upload: Upload, status: bytes, early: bytes = b"", route: str = "") -> None:
    """A case for each version: the client sees `status`, and the connection to the service is closed and used no more.

    The service gets nothing but what of the body was sent in time.
    """
    for version in ("1.1", "2"):

        @CASES.add("A-35", f"{name}-{version}", f"{what}, over HTTP/{version}")
        async def check(stand: Stand, version: str = version) -> None:
            service, target = Service(early), f"{route}/A-35/{name}-{version}"
            stand.backend.answers[target] = service
            run = over_http1 if version == "1.1" else over_http2
            async with asyncio.timeout(10):
                said = await run(stand, target, upload, service)
                await service.over.wait()
            assert said.startswith(status), said
            assert b"late" not in said
            assert upload.sent.startswith(service.rest)
            assert service.wires[0].writer not in [wire.writer for wire in await next_ones(stand, f"{target}/next")]
            assert len(service.wires) == 1


stops("stalled-upload", "an upload that stalls", PART, b"408")
stops("no-answer", "no answer in time", WHOLE, b"504", route="/hasty")
stops("total-timeout", "an exchange that takes too long", WHOLE, b"504", route="/total")
stops("early-answer", "an answer before the upload ended, which then stalls", PART, b"200", early=ok(b"early"))
stops("cut-answer", "an answer that stalls", WHOLE, b"200", early=ok(b"early")[:-2], route="/hasty")
stops("left-upload", "a client that leaves within its upload", PART._replace(leaves=True), b"")
stops("left-waiting", "a client that leaves while it waits", WHOLE._replace(leaves=True), b"")


@CASES.add("A-35", "no-upload-1.1", "an upload that never begins is no request to the service, over HTTP/1.1")
async def no_upload_over_http1(stand: Stand) -> None:
    said = await stand.talk(request("POST /A-35/no-upload", f"Content-Length: {len(HIDDEN)}"), until=b"}")
    assert said.status == 408
    assert "/A-35/no-upload" not in stand.backend.targets()


@CASES.add("A-35", "no-upload-2", "the same over HTTP/2")
async def no_upload_over_http2(stand: Stand) -> None:
    fields = [*pseudo("/A-35/no-upload-2", "POST"), ("content-length", str(len(HIDDEN)))]
    async with connect_frames(stand.secure.port, stand.authority) as client:
        await client.send(head(1, fields, ended=False))
        assert (await client.until(lambda seen: seen.over(1))).statuses == {1: 408}
    assert "/A-35/no-upload-2" not in stand.backend.targets()
