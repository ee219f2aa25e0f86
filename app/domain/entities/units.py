"""Durations, sizes, shares and rates as users write them (`250ms`, `64KiB`, `20%`, `100/min`). Not for arithmetic.

Each type is the number that code computes with, so a decoded value needs no conversion on the hot path.
"""

import re
from typing import Final, Self

_DURATION: Final = re.compile(r"(?:(\d+(?:\.\d+)?)(ms|s|m|h|d))+")
_DURATION_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE: Final = re.compile(r"(\d+)(B|KiB|MiB|GiB|KB|MB|GB)?")
_BYTES: Final = {
    "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "KB": 1000, "MB": 1000**2, "GB": 1000**3,
}  # fmt: skip
_RATE: Final = re.compile(r"([1-9]\d{0,14})/(s|sec|second|m|min|minute|h|hour|d|day|month)")
_PERIOD_NAMES: Final = {
    "s": "s", "sec": "s", "second": "s", "m": "min", "min": "min", "minute": "min", "h": "h", "hour": "h",
    "d": "day", "day": "day", "month": "month",
}  # fmt: skip
PERIODS: Final = {"s": 1.0, "min": 60.0, "h": 3600.0, "day": 86400.0, "month": 30 * 86400.0}
"""Period of a rate to its seconds."""
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)%")


def _plain(number: float) -> str:
    """`number` without an exponent, which none of the patterns above takes."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


class Duration(float):
    """A length of time in seconds, written with a unit: `250ms`, `5s`, `1h30m`."""

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `text`; raises ValueError that says what a duration looks like."""
        if not isinstance(text, str) or not _DURATION.fullmatch(text):
            raise ValueError(f"expected a duration such as 250ms, 5s or 1h30m, got {text!r}")
        return cls(sum(float(n) * _SECONDS[unit] for n, unit in _DURATION_PART.findall(text)))

    def __str__(self) -> str:
        for unit in ("h", "m", "s"):
            if self >= _SECONDS[unit] and self % _SECONDS[unit] == 0:
                return f"{int(self / _SECONDS[unit])}{unit}"
        return f"{_plain(self * 1000)}ms"


class Size(int):
    """A number of bytes, written with a unit: `64KiB`, `10MiB`, or a plain number of bytes as text."""

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `text`; raises ValueError that says what a size looks like."""
        match = _SIZE.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise ValueError(f"expected a size such as 512B, 64KiB or 10MiB, got {text!r}")
        return cls(int(match[1]) * _BYTES[match[2] or "B"])

    def __str__(self) -> str:
        for unit in ("GiB", "MiB", "KiB"):
            if self >= _BYTES[unit] and self % _BYTES[unit] == 0:
                return f"{int(self) // _BYTES[unit]}{unit}"
        return f"{int(self)}B"


class Share(float):
    """A part of a whole between 0 and 1, written as a percentage: `20%`."""

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `text`; raises ValueError that says what a percentage looks like."""
        match = _PERCENT.fullmatch(text) if isinstance(text, str) else None
        if match is None or not 0 <= float(match[1]) <= 100:
            raise ValueError(f"expected a percentage such as 20%, got {text!r}")
        return cls(float(match[1]) / 100)

    def __str__(self) -> str:
        return f"{_plain(self * 100)}%"


class Rate:
    """So many in a period, written `100/s`, `1000/min`, `5000/day`. Equal to another of the same parts; 0 is none."""

    __slots__ = ("count", "period")

    count: int
    period: str
    """`s`, `min`, `h`, `day` or `month`."""

    def __init__(self, count: int, period: str) -> None:
        self.count = count
        self.period = period

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `text`; raises ValueError that says what a rate looks like."""
        match = _RATE.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise ValueError(f"expected a rate such as 100/s, 1000/min, 50/h, 5000/day or 100000/month, got {text!r}")
        return cls(int(match[1]), _PERIOD_NAMES[match[2]])

    @property
    def seconds(self) -> float:
        """Length of the period; a month counts 30 days where its calendar does not matter."""
        return PERIODS[self.period]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rate) and (self.count, self.period) == (other.count, other.period)

    def __hash__(self) -> int:
        return hash((self.count, self.period))

    def __repr__(self) -> str:
        return f"Rate({self.count}, {self.period!r})"

    def __str__(self) -> str:
        return f"{self.count}/{self.period}"
