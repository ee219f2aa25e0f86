"""What discovery of targets needs from the outside, and what it gives. Not for what a request needs: `ports`."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol

from app.domain.entities.discovery import Discover
from app.domain.entities.service import Target


class ServiceDiscovery(Protocol):
    """Finds the targets of services."""

    def targets(self, discover: Discover) -> AsyncIterator[tuple[Target, ...]]:
        """The healthy targets now, and again whenever they differ, in a fixed order; close it when it is not needed.

        Never ends, never raises: a source that fails is told as an event, and changes nothing (F-09). Empty only when
        the source itself says that there is no target, and has said nothing else for `empty_after`; at once when it
        says so first of all.
        """
        ...


class Watch(Protocol):
    """One answer of a server that is asked again for ever, in a way that lets the server wait for a change."""

    async def next(self) -> bytes | None:
        """The next answer; None when it is the one before. Raises StoreError, and may be called again after that.

        Waits by itself before it asks more often than the server likes.
        """
        ...

    def failed(self) -> None:
        """Say that the last answer was of no use: the next one comes soon, but not at once, and is no None."""
        ...

    async def aclose(self) -> None:
        """Close the connection."""
        ...


Watches = Callable[[str, Mapping[str, str]], Watch]
"""Watches a path of Consul's HTTP API, such as `/v1/health/service/users`, with these parameters."""
