"""What webhooks need from the outside. Not for what the rest of the control plane needs: `control_ports`."""

from typing import Protocol


class SourceUnavailable(Exception):
    """A configuration cannot be read from where it is: a line that says what, where, and why."""


class SourcePuller(Protocol):
    """Reads configurations from URLs."""

    async def pull(self, url: str) -> bytes:
        """What is at `url`, which is allowed. Raises SourceUnavailable."""
        ...
