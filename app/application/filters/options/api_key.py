"""What a route writes below `api_key`, and what is wrong with that. Not for any request: the filter.

A module of its own: mypyc drops the options of Structs, so that filters are compiled without them.
"""

from typing import Final

import msgspec

from app.domain.policies import forwarding

_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `api_key`."""

    header: str = "x-api-key"
    """Field that holds the key."""
    query: str = ""
    """Parameter of the query that may hold it instead; empty for none."""
    forward: bool = False
    """Whether the service sees the key."""
    optional: bool = False
    """Whether requests without a key pass."""


def problems(options: Options) -> list[str]:
    """Everything that is wrong with the options, each with the place of the mistake."""
    name = options.header.lower()
    if not name or not _TOKEN.issuperset(name):
        return [f"header: {options.header!r} is no field name"]
    if name.encode() in forwarding.HOP_BY_HOP | forwarding.FRAMING | forwarding.WRITTEN:
        return [f"header: {options.header!r} has a meaning of its own"]
    return []
