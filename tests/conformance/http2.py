"""How a case attacks over HTTP/2, and what it may see. Not for the attacks."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Final

import psutil

from tests.conformance.case import SERVERS, Cases, Limit
from tests.conformance.stand import Stand
from tests.h2_frames import ENHANCE_YOUR_CALM, FrameClient, Seen, connect_frames, head, pseudo
from tests.integration.gateway_process import GatewayProcess

Strike = Callable[[FrameClient], Awaitable[None]]

CALM: Final = "GOAWAY ENHANCE_YOUR_CALM"
BROKEN: Final = "connection error"
"""GOAWAY with whatever error, which is lost with the connection when the client writes on."""
LOST: Final = "closed"
"""Without a GOAWAY; or with one that the kernel threw away, because the client was writing when the server closed."""
TRIES: Final = 3
"""Attacks that are made until a GOAWAY is seen: whether the kernel throws it away is a matter of microseconds."""
IDLE: Final = 0.5
"""Share of one processor below which a worker is at rest."""


async def attack(stand: Stand, strike: Strike) -> list[Seen]:
    """Let `strike` loose over TLS and, where the server speaks it (not Granian), in clear text: what each of them saw.

    Fails when a good client is not served at once afterwards, or when a worker does not come to rest.
    """
    doors: list[tuple[GatewayProcess, str | None]] = [(stand.secure, stand.authority)]
    if stand.server != "granian":
        doors.append((stand.gateway, None))
    seen = []
    for gateway, authority in doors:
        async with connect_frames(gateway.port, authority) as client:
            await strike(client)
            seen.append(client.seen)
        await _serves(gateway, authority)
        await _rests(gateway)
    return seen


async def _serves(gateway: GatewayProcess, authority: str | None) -> None:
    async with connect_frames(gateway.port, authority) as client:
        await client.send(head(1, pseudo("/good")))
        seen = await client.until(lambda seen: seen.over(1))
        assert (seen.statuses.get(1), seen.bodies.get(1)) == (200, b"served"), "a good client was not served"


async def _rests(gateway: GatewayProcess) -> None:
    """Look for a moment without much work in the next five seconds."""
    workers = gateway.workers()
    for _ in range(50):
        before = sum(_spent(worker) for worker in workers)
        await asyncio.sleep(0.1)
        if sum(_spent(worker) for worker in workers) - before < 0.1 * IDLE:
            return
    raise AssertionError("the worker goes on working")


def _spent(worker: psutil.Process) -> float:
    times = worker.cpu_times()
    return float(times.user + times.system)


def verdict(seen: Seen, stream: int = 1) -> str:
    """In the words of the tables, what became of a connection with one request."""
    body = seen.bodies.get(stream, b"")
    if seen.goaway == ENHANCE_YOUR_CALM:
        return CALM
    if seen.ends:
        return BROKEN if seen.goaway else LOST
    if status := seen.statuses.get(stream):
        return f"{'gateway' if body.startswith(b'{') else 'server'} {status}" if status != 200 else "served"
    return "stream error" if seen.resets.get(stream) else "nothing"


def one(*frames: bytes) -> Strike:
    """Send all `frames` at once, and wait for the end of stream 1."""

    async def strike(client: FrameClient) -> None:
        await client.send(*frames)
        await client.until(lambda seen: seen.over(1))

    return strike


def wave(of: Callable[[int], bytes], waves: int = 60, size: int = 50, first: bytes = b"") -> Strike:
    """Send `first`, then what `of` makes of each stream, until the server ends the connection or all went."""

    async def strike(client: FrameClient) -> None:
        streams = count(1, 2)
        await client.send(first)
        for number in range(waves):
            await client.send(*(of(next(streams)) for _ in range(size)))
            await client.passed(number)
            if client.seen.ends:
                return

    return strike


def opened(stream: int) -> bytes:
    """The head of an upload."""
    return head(stream, pseudo("/flood", "POST"), ended=False)


def refuse(
    cases: Cases, ref: str, name: str, what: str, strike: Strike, *outcomes: str, allowed: int = 0, builtin: str = ""
) -> None:  # fmt: skip
    """A case whose `strike` ends as `outcomes` say, of both foreign servers or of each; our own takes after the last.

    What follows a comma in them is for the reader. A Limit stands for what should be CALM. The backend sees at most
    `allowed` requests; none means not one byte.
    """
    outcome = dict(zip(SERVERS, (builtin or outcomes[-1], *outcomes * 2), strict=False))

    @cases.add(ref, name, what, **outcome)
    async def check(stand: Stand) -> None:
        backend, expected = stand.backend, outcome[stand.server]
        before, heads = len(backend.received), len(backend.heads)
        wanted = CALM if isinstance(expected, Limit) else expected.partition(",")[0]
        every: list[Seen] = []
        for _ in range(TRIES):
            every += (last := await attack(stand, strike))
            if not (wanted == CALM and any(verdict(seen) == LOST for seen in last)):
                break
        for seen in last:
            assert verdict(seen) == wanted or (wanted == BROKEN and verdict(seen) in {CALM, LOST}), seen
        came = [target for target in backend.targets()[heads:] if target != "/good"]
        assert len(came) <= allowed * len(every), "the backend was sent too many"
        if not allowed:
            assert backend.received[before:].count(b" HTTP/1.1\r\n") == len(every), "the backend was sent something"
