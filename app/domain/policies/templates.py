"""Text with `{name}` in it, as routes write paths and redirects. Not for what the values may be."""

import re
from collections.abc import Mapping
from typing import Final

_NAME: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Template:
    """Literals and names, taken apart once. Values are put in as they are, in one pass."""

    def __init__(self, text: str) -> None:
        """Raises ValueError for a brace that belongs to no `{name}`."""
        if any(brace in _NAME.sub("", text) for brace in "{}"):
            raise ValueError(f"expected braces only as in {{name}}, got {text!r}")
        parts = _NAME.split(text)
        self._first = parts[0]
        self._rest = tuple(zip(parts[1::2], parts[2::2], strict=True))
        self.names: Final = tuple(parts[1::2])
        """The names in order, so that a configuration can be checked against what its match provides."""

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its values; a name without one becomes empty."""
        text = self._first
        for name, literal in self._rest:
            text += values.get(name, "") + literal
        return text
