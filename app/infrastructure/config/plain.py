"""Makes what a parser returned safe to work with: plain values only, bounded, references resolved.

Not for what the values mean.
"""

import math
from collections.abc import Callable
from typing import Final

from app.infrastructure.config.field_path import Found, Path
from app.infrastructure.config.wording import shown

MOST_VALUES: Final = 2_000_000
"""Values of a document once its aliases are written out."""
DEEPEST: Final = 64

_SMALLEST_NUMBER: Final = -(2**63)
_LARGEST_NUMBER: Final = 2**64 - 1


class TooMuch(ValueError):
    """A document that cannot be worked with as a whole."""


class Plainer:
    """Copies one document; what is wrong with single values is in `problems` afterwards."""

    def __init__(self, read_secret: Callable[[str], str], most_values: int = MOST_VALUES) -> None:
        self._read_secret = read_secret
        self._left = most_values
        self.problems: list[Found] = []

    def copy(self, value: object, path: Path = ()) -> object:
        """`value` in text, numbers, booleans, lists and mappings. Raises TooMuch.

        A value that is none of these is a problem and becomes None. A reference that leads nowhere is a problem and
        stays, so that nobody complains of a missing text as well.
        """
        self._left -= 1
        if self._left < 0:
            raise TooMuch("too many values (aliases that repeat one another?)")
        if len(path) > DEEPEST:
            raise TooMuch(f"nested more than {DEEPEST} levels deep")
        if isinstance(value, dict):
            return self._mapping(value, path)
        if isinstance(value, list | tuple):
            return [self.copy(item, (*path, index)) for index, item in enumerate(value)]
        return self._scalar(value, path)

    def _mapping(self, value: dict[object, object], path: Path) -> dict[str, object]:
        copied = {}
        for key, item in value.items():
            if not isinstance(key, str):
                self.problems.append((path, f"expected text as key, got {shown(key)} (put it in quotes)"))
            elif not _encodable(key):
                self.problems.append((path, f"key {key!r} is no Unicode text"))
            else:
                copied[key] = self.copy(item, (*path, key))
        return copied

    def _scalar(self, value: object, path: Path) -> object:
        if isinstance(value, str):
            return self._text(value, path)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            if _SMALLEST_NUMBER <= value <= _LARGEST_NUMBER:
                return value
            return self._wrong(path, "the number is too large")
        if isinstance(value, float):
            return value if math.isfinite(value) else self._wrong(path, f"expected a finite number, got {value}")
        return self._wrong(path, f"expected text, a number, a list or a mapping, got a {type(value).__name__}")

    def _text(self, value: str, path: Path) -> object:
        if not _encodable(value):
            return self._wrong(path, f"{shown(value)} is no Unicode text")
        try:
            return self._read_secret(value)
        except ValueError as error:
            self.problems.append((path, str(error)))
            return value

    def _wrong(self, path: Path, reason: str) -> object:
        self.problems.append((path, reason))
        return None


def _encodable(text: str) -> bool:
    """Whether every character can be written: halves of surrogate pairs cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
