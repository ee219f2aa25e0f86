"""Durations, sizes, shares and rates between text and number, for msgspec. Exact both ways. Not for what they mean."""

from decimal import Decimal
from typing import Final

from app.domain.entities.units import Duration, Rate, Share, Size
from app.infrastructure.config.secrets import Secret

LONGEST: Final = Duration(366 * 86400)
LARGEST: Final = Size(1024**5)


def from_text(kind: type, value: object) -> object:
    """What msgspec calls for a type that it does not know. Raises ValueError that says what is expected."""
    if issubclass(kind, Duration):
        duration = kind.parse(value)
        if duration > LONGEST:
            raise ValueError(f"expected a duration of at most {LONGEST}, got {value!r}")
        return duration
    if issubclass(kind, Size):
        size = kind.parse(value)
        if size > LARGEST:
            raise ValueError(f"expected a size of at most {LARGEST}, got {value!r}")
        return size
    if issubclass(kind, Share | Rate):
        return kind.parse(value)
    raise NotImplementedError(kind)


def to_text(value: object) -> str:
    """The other way round. A secret is written as its reference."""
    if isinstance(value, Secret):
        return value.reference
    if isinstance(value, Duration):
        return str(value) if _reads_back(value) else f"{_digits(value)}s"
    if isinstance(value, Share):
        return str(value) if _reads_back(value) else f"{_digits(value, 100)}%"
    if isinstance(value, Size | Rate):
        return str(value)
    raise NotImplementedError(type(value))


def _reads_back(value: Duration | Share) -> bool:
    """Whether the short form, which rounds, is exact."""
    return type(value).parse(str(value)) == value


def _digits(value: float, times: int = 1) -> str:
    return f"{Decimal(repr(float(value))) * times:f}"
