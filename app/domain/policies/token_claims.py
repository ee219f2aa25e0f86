"""Finds claims in what a token says: by name, by path, and those that mean scopes. Not for whether they are enough."""

from collections.abc import Mapping
from typing import Any, Final

Claims = Mapping[str, Any]

_SCOPES: Final = ("scope", "scp")
"""RFC 8693 section 4.2; `scp` is what Microsoft and Okta write."""


class Claim:
    """One claim by its name: letter for letter, else as a path of names with dots in between."""

    __slots__ = ("_path", "name")

    def __init__(self, name: str) -> None:
        self.name: Final = name
        self._path: Final = tuple(name.split(".")) if "." in name else ()

    def of(self, claims: Claims) -> Any:
        """Its value; None when there is none."""
        value = claims.get(self.name)
        if value is not None or not self._path:
            return value
        found: Any = claims
        for part in self._path:
            if not isinstance(found, dict):
                return None
            found = found.get(part)
        return found


def scopes_of(claims: Claims) -> frozenset[str]:
    """What the token allows: a text with blanks in between, or a list."""
    found: set[str] = set()
    for name in _SCOPES:
        value = claims.get(name)
        if isinstance(value, str):
            found.update(value.split())
        elif isinstance(value, list):
            found.update(one for one in value if isinstance(one, str))
    return frozenset(found)
