"""What was made of options, for others that are the very same: many routes repeat a few. Not for what options mean."""

import marshal
from typing import Any, Final, Generic, TypeVar

V = TypeVar("V")

MOST: Final = 4096
LONGEST: Final = 500
"""Bytes of a key that is remembered: whoever may write to a store must not choose how much memory it takes."""


def key_of(options: Any) -> bytes:
    """Equal for options that are the same down to their types; empty for those that are not remembered.

    Secrets are none of the plain types that have a key.
    """
    try:
        key = marshal.dumps(options, 0)
    except ValueError:
        return b""
    return key if len(key) <= LONGEST else b""


class Likes(Generic[V]):
    """Values by key; all go when there are too many. May be used by several threads."""

    def __init__(self) -> None:
        self._values: dict[bytes, V] = {}

    def get(self, key: bytes) -> V | None:
        """What was put there."""
        return self._values.get(key)

    def put(self, key: bytes, value: V) -> None:
        """Remember a value; nothing is remembered without a key."""
        if not key:
            return
        if len(self._values) >= MOST:
            self._values.clear()
        self._values[key] = value
