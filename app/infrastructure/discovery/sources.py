"""What a source of targets gives. Not for any one source."""

from typing import NamedTuple, Protocol

from app.domain.entities.service import Target


class DiscoveryFailed(Exception):
    """The source does not say what the targets are: a line that says why, and what to do."""


class Found(NamedTuple):
    """What a source says now."""

    targets: tuple[Target, ...]
    """In a fixed order, each url once. Empty when the source itself says that there are none."""
    skipped: tuple[str, ...] = ()
    """Instances that can be no targets, and why."""


class Source(Protocol):
    """Says again and again what the targets of one service are."""

    async def next(self) -> Found:
        """What it says next; waits until it is worth asking. Raises DiscoveryFailed, and may be called again."""
        ...

    async def aclose(self) -> None:
        """Close what it has open."""
        ...
