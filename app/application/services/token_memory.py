"""Remembers who tokens were found to be about, so that a signature is verified once. Not for whether one still counts.

Bounded by a number and by the size of the tokens; those that were not used for longest make room (A-18).
"""

from collections import OrderedDict
from typing import Final

from app.domain.entities.identity import Identity
from app.domain.policies.token_rules import Span

MOST: Final = 10_000
MOST_BYTES: Final = 16 * 1024 * 1024
MOST_REFUSED: Final = 1024


class _Entry:
    __slots__ = ("closes", "identity", "opens", "size")

    def __init__(self, identity: Identity, opens: float, closes: float, size: int) -> None:
        self.identity: Final = identity
        self.opens: Final = opens
        self.closes: Final = closes
        self.size: Final = size


class TokenMemory:
    """By digests of tokens. One for all issuers of a worker, which an era keeps apart."""

    __slots__ = ("_bytes", "_entries", "_eras", "_most", "_most_bytes")

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._bytes = 0
        self._eras = 0
        self._most = most
        self._most_bytes = most_bytes

    def __len__(self) -> int:
        return len(self._entries)

    def new_era(self) -> bytes:
        """Bytes to put after a digest. What was put with those of another era is not found with these."""
        self._eras += 1
        return self._eras.to_bytes(8, "big")

    def get(self, digest: bytes, now: float) -> Identity | None:
        """Who it is, if that is remembered and the token counts at `now`, a time of the wall clock."""
        entry = self._entries.get(digest)
        if entry is None:
            return None
        if entry.opens <= now < entry.closes:
            self._entries.move_to_end(digest)
            return entry.identity
        self._forget(digest)
        return None

    def put(self, digest: bytes, identity: Identity, span: Span, size: int) -> None:
        """Remember; `size` is that of the token in bytes."""
        self._forget(digest)
        self._entries[digest] = _Entry(identity, span.opens, span.closes, size)
        self._bytes += size
        while len(self._entries) > self._most or self._bytes > self._most_bytes:
            self._bytes -= self._entries.popitem(last=False)[1].size

    def _forget(self, digest: bytes) -> None:
        entry = self._entries.pop(digest, None)
        if entry is not None:
            self._bytes -= entry.size


class RefusedTokens:
    """Why tokens were refused that cannot become good while the keys are the same; a few of them."""

    __slots__ = ("_most", "_reasons")

    def __init__(self, most: int = MOST_REFUSED) -> None:
        self._reasons: dict[bytes, tuple[str, bool]] = {}
        self._most = most

    def __len__(self) -> int:
        return len(self._reasons)

    def get(self, digest: bytes) -> tuple[str, bool] | None:
        """The reason, and whether the token is another issuer's."""
        return self._reasons.get(digest)

    def put(self, digest: bytes, reason: str, *, foreign: bool) -> None:
        """Remember, and forget all others when there are too many."""
        if len(self._reasons) >= self._most:
            self._reasons.clear()
        self._reasons[digest] = (reason, foreign)

    def clear(self) -> None:
        """Forget all."""
        self._reasons.clear()
