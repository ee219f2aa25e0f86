"""Durations, sizes and shares between text and number, for msgspec. Exact both ways. Not for what they mean."""

from decimal import Decimal

from app.domain.entities.units import Duration, Share, Size
from app.infrastructure.config.secrets import Secret


def from_text(kind: type, value: object) -> object:
    """What msgspec calls for a type that it does not know. Raises ValueError that says what is expected."""
    if issubclass(kind, Duration | Size | Share):
        return kind.parse(value)
    raise NotImplementedError(kind)


def to_text(value: object) -> str:
    """The other way round. A secret is written as its reference."""
    if isinstance(value, Secret):
        return value.reference
    if isinstance(value, Duration):
        return str(value) if Duration.parse(str(value)) == value else f"{_digits(value)}s"
    if isinstance(value, Share):
        return str(value) if Share.parse(str(value)) == value else f"{_digits(value, 100)}%"
    if isinstance(value, Size):
        return str(value)
    raise NotImplementedError(type(value))


def _digits(value: float, times: int = 1) -> str:
    return f"{Decimal(repr(float(value))) * times:f}"
