"""Compares JSON values. Not for reading or writing them."""

from hashlib import blake2b
from typing import Any

import msgspec


def canonical(value: Any) -> bytes:
    """Equal for equal JSON values, whatever the order of their keys; 1, 1.0 and true are not equal."""
    return msgspec.json.encode(value, order="sorted")


def differ(one: Any, other: Any) -> bool:
    """Whether two JSON values are not equal."""
    return canonical(one) != canonical(other)


def version_of(value: Any) -> str:
    """16 characters, equal for equal JSON values."""
    return blake2b(canonical(value), digest_size=8).hexdigest()
