"""What the checker and its workers tell one another: jobs, outcomes, and events in a compact form."""

import struct
from collections.abc import Iterator

import msgspec

from tests.limits.history import Event

_EVENT = struct.Struct("<ddBHBB")


class Job(msgspec.Struct, frozen=True):
    """What a worker is to do."""

    store: str
    url: str
    """Of the store."""
    number: int
    workers: int
    decisions: int
    rate: float
    """Decisions a second."""
    seed: int
    folder: str
    """For files: of events, and of what a store keeps."""

    @property
    def record(self) -> str:
        """File for the events."""
        return f"{self.folder}/{self.number}"

    @property
    def ready(self) -> str:
        """File that the worker makes when it could start."""
        return f"{self.record}.ready"

    @property
    def start(self) -> str:
        """File with the monotonic time at which all of them start, once all of them are ready."""
        return f"{self.folder}/start"

    @property
    def outcome(self) -> str:
        """File for what the worker says at its end."""
        return f"{self.record}.json"


class Outcome(msgspec.Struct, frozen=True):
    """What a worker says at its end."""

    busy_questions: int
    """Round trips for the decisions on keys that are busy."""
    questions: int
    """Of all others."""
    told: int
    """Events for operators."""
    lies: int
    """Clients that waited as long as they were told, and were refused again."""
    asked: list[float]
    """Seconds that each decision took that was not known at once."""


def append(record: bytearray, event: Event) -> None:
    """Keep an event."""
    record += _EVENT.pack(*event)


def read(record: bytes) -> Iterator[Event]:
    """The events of a record."""
    return (Event(*parts) for parts in _EVENT.iter_unpack(record))
