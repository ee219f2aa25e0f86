"""Counts client connections where a server written in Python accepts them, and turns away what is too many (A-06).

Not for a server that accepts out of our sight: there the warden closes them a moment later. Here a flood costs a tenth.
"""

from collections.abc import Callable
from typing import Final

FEW: Final = 4
"""Connections of an address that is not to blame for a crowd."""


class Doors:
    """Open without limits, until `limit` sets some; 0 is none."""

    def __init__(self) -> None:
        self._of_one = 0
        self._in_total = 0
        self._counted_as: Callable[[str], str] = str
        self._on_refusal: Callable[[str, bool], None] | None = None
        self._inside: dict[str, int] = {}
        self._total = 0

    def limit(
        self, of_one: int, in_total: int, counted_as: Callable[[str], str], on_refusal: Callable[[str, bool], None]
    ) -> None:
        """From now on; `counted_as` says what an address counts as, and empty for one that is not counted.

        `on_refusal` is told the address, and whether it has too many itself.
        """
        self._of_one, self._in_total = of_one, in_total
        self._counted_as, self._on_refusal = counted_as, on_refusal

    def enter(self, address: str) -> str | None:
        """The key to `leave` with; None when the connection is too many.

        Where all are too many, an address that has few still comes in: the warden makes room for it.
        """
        key = self._counted_as(address)
        inside = self._inside.get(key, 0)
        alone = 0 < self._of_one <= inside
        if key and (alone or (inside >= FEW and 0 < self._in_total <= self._total)):
            if self._on_refusal is not None:
                self._on_refusal(address, alone)
            return None
        self._inside[key] = inside + 1
        self._total += 1
        return key

    def leave(self, key: str) -> None:
        """One that entered is gone."""
        self._total -= 1
        inside = self._inside.pop(key) - 1
        if inside:
            self._inside[key] = inside


DOORS = Doors()
"""Those of this process: whoever makes the server cannot hand it anything."""
