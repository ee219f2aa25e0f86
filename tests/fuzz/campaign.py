"""Sends many streams at once, and brings together what clients and backend saw of each. Not for starting servers."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

import msgspec

from tests.fuzz.reading import Manners, read
from tests.fuzz.sighting import Sighting
from tests.fuzz.stream import Stream, source
from tests.fuzz.talk import talk
from tests.fuzz.tokens import stream_of, tokens_in
from tests.fuzz.verdict import Outcome, is_same, judge, sighting_problems

CONCURRENCY: Final = 256
SETTLE: Final = 1.0
"""Seconds between the end of a stream and its judgement: what the gateway and the backend still have to do."""
ELSEWHERE: Final = "127.0.0.1"
"""The address of no stream: who asks for `/` from there wants to know whether the gateway still serves."""
_MOST_FAILURES: Final = 100


class Backend(Protocol):
    """What streams are sent in front of."""

    def drain(self) -> list[Sighting]:
        """Every request since the last call."""
        ...


class Failure(msgspec.Struct):
    """A stream with findings."""

    stream: Stream
    findings: list[str]
    answered: bytes = b""
    sightings: list[str] = []


class Tally(msgspec.Struct):
    """What a campaign comes to."""

    streams: int = 0
    forwarded: int = 0
    """Streams of which the backend saw at least one request."""
    sightings: int = 0
    first: Counter[str] = msgspec.field(default_factory=Counter)
    """Streams by their first answer: `200 service`, `400 gateway`, `none`."""
    failures: list[Failure] = []


class _Flight:
    """A stream that was sent, or is being sent."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.ended = 0.0
        self.answered = b""
        self.closed = False
        self.error = ""
        self.sightings: list[Sighting] = []


class Campaign:
    """Streams through one gateway to one backend."""

    def __init__(self, port: int, backend: Backend, manners: Manners, mark: bytes) -> None:
        self._port = port
        self._backend = backend
        self._manners = manners
        self._mark = mark
        self._flights: dict[str, _Flight] = {}
        self._over: deque[_Flight] = deque()
        self.tally = Tally()

    async def run(
        self, streams: Iterable[Stream], lookup: Callable[[int], Stream], progress: Callable[[int], None] | None = None
    ) -> Tally:
        """Send and judge `streams`; `lookup` gives one of them by its index, long after it was sent."""
        queue = iter(streams)
        judging = asyncio.ensure_future(self._judge_on(lookup, progress))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONCURRENCY):
                    group.create_task(self._send_on(queue))
            await asyncio.sleep(2 * SETTLE)
        finally:
            judging.cancel()
        self._look(lookup, at_end=True)
        return self.tally

    async def _send_on(self, queue: Iterator[Stream]) -> None:
        loop = asyncio.get_running_loop()
        for stream in queue:
            if len(self.tally.failures) >= _MOST_FAILURES:
                return
            flight = self._flights[stream.source] = _Flight(stream)
            try:
                flight.answered, flight.closed = await talk(self._port, stream)
            except OSError as error:
                flight.error = f"connection: {error}"
            flight.ended = loop.time()
            self._over.append(flight)

    async def _judge_on(self, lookup: Callable[[int], Stream], progress: Callable[[int], None] | None) -> None:
        while True:
            await asyncio.sleep(0.2)
            before = self.tally.streams
            self._look(lookup)
            if progress is not None:
                progress(self.tally.streams - before)

    def _look(self, lookup: Callable[[int], Stream], *, at_end: bool = False) -> None:
        """Give what the backend saw to the streams that it came from, and judge those that are over."""
        for seen in self._backend.drain():
            if (seen.source, seen.target, seen.mark) == (ELSEWHERE, b"/", self._mark):
                continue
            self.tally.sightings += 1
            flight = self._flight_of(seen)
            if flight is not None:
                flight.sightings.append(seen)
            elif seen.source or seen.mark is not None or tokens_in(seen.target):
                self._judge_late(seen, lookup)
        until = asyncio.get_running_loop().time() - (0 if at_end else SETTLE)
        while self._over and self._over[0].ended <= until:
            self._judge(self._over.popleft())

    def _flight_of(self, seen: Sighting) -> _Flight | None:
        """By the address that the gateway tells, or, where it does not, by the tokens in the bytes."""
        if seen.source:
            return self._flights.get(seen.source)
        known = (self._flights.get(source(stream_of(found))) for found in tokens_in(seen.target + seen.head))
        return next((flight for flight in known if flight is not None), None)

    def _judge(self, flight: _Flight) -> None:
        tally = self.tally
        self._flights.pop(flight.stream.source, None)
        tally.streams += 1
        tally.forwarded += bool(flight.sightings)
        verdict = judge(
            flight.stream, Outcome(flight.sightings, flight.answered, flight.closed), self._manners, self._mark
        )
        first = verdict.answers[0] if verdict.answers else None
        tally.first[f"{first.status} {'service' if first.by_backend else 'gateway'}" if first else "none"] += 1
        findings = [*verdict.findings, *([flight.error] if flight.error else [])]
        if findings:
            tally.failures.append(Failure(flight.stream, findings, flight.answered, list(map(_told, flight.sightings))))

    def _judge_late(self, seen: Sighting, lookup: Callable[[int], Stream]) -> None:
        """A request that came long after its stream was over is judged by itself; one of no stream is a finding."""
        findings = sighting_problems(seen, self._mark)
        try:
            tokens = tokens_in(seen.target + seen.head)
            stream = lookup(index_of(seen.source) if seen.source else stream_of(tokens[0]))
        except (LookupError, ValueError):
            stream = Stream(0, ())
        if not any(is_same(seen, meant) for meant in read(stream.data, self._manners).requests):
            findings.append(f"not sent: the backend saw {seen.method!r} {seen.target!r} of {seen.source or 'nobody'}")
        if findings:
            self.tally.failures.append(Failure(stream, findings, sightings=[_told(seen)]))


def index_of(address: str) -> int:
    """The index of the stream that an address is the source of. Raises ValueError when it is none."""
    _, high, middle, low = (int(part) for part in address.split("."))
    if high < 1:
        raise ValueError(f"{address} is the address of no stream")
    return ((high - 1) << 16) + (middle << 8) + low


def _told(seen: Sighting) -> str:
    return f"{seen.head!r} {seen.body!r} complete={seen.complete} {seen.problem}"[:4000]
