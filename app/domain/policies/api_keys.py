"""Reads API keys: as clients send them, and when they expire. Not for whose they are."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import inf
from typing import Final

from app.domain.entities.consumer import ApiKey

LONGEST: Final = 256
"""Bytes of a key."""
_PRINTABLE: Final = bytes(range(0x21, 0x7F))


def digest(key: bytes) -> str:
    """SHA-256 of a key in hex digits; empty for what cannot be one: too long, or not printable ASCII."""
    if not 0 < len(key) <= LONGEST or key.translate(None, _PRINTABLE):
        return ""
    return hashlib.sha256(key).hexdigest()


def holds(key: ApiKey, presented: str, now: float) -> bool:
    """Whether the digest `presented` is that of `key`, in constant time, and `key` has not expired at `now`."""
    same = hmac.compare_digest(key.sha256, presented)
    return same and (not key.expires or now < expiry(key.expires))


@lru_cache(4096)
def expiry(text: str) -> float:
    """Seconds since 1970 at which a key ends; a date alone includes its day, in UTC. 0.0 for what cannot be read."""
    try:
        moment = datetime.fromisoformat(text)
        if len(text) <= len("2026-12-31"):
            moment += timedelta(days=1)
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except ValueError:
        return 0.0
    except OverflowError:
        return inf
