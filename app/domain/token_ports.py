"""What judging tokens needs from outside: keys, and something that verifies with them. Not for what a token says."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from app.domain.entities.issuer import Issuer

TokenVerifier = Callable[[bytes, bytes], bool]
"""One key with one algorithm: whether the second, a signature, is one of the first, a signing input (RFC 7515)."""


class Keys(Protocol):
    """The keys of an issuer; never changed."""

    def find(self, kid: str | None, algorithm: str) -> TokenVerifier | None:
        """What verifies a token whose header says so; None when no key fits, or it is not clear which."""
        ...


class KeySource(Protocol):
    """Supplies the keys of one issuer, and keeps them up to date. Never raises."""

    @property
    def keys(self) -> Keys | None:
        """Those that count now; None when there are none."""
        ...

    @property
    def version(self) -> int:
        """Another one whenever the keys are others: what was remembered of those before is out of date."""
        ...

    def more(self) -> Awaitable[None] | None:
        """What to wait for, a few seconds at most, because no key fits. None when there will be no others soon."""
        ...

    async def run(self) -> None:
        """Keep the keys up to date; ends at once when they never change."""
        ...


KeySources = Callable[[str, Issuer], KeySource]
"""The source that an issuer of this id asks for. Nothing is fetched yet."""


class KeysUnavailable(Exception):
    """Keys that cannot be had now; says why, for the operator."""
