"""What limits are counted by, as users write it. Shared by filters; not for counting."""

from typing import Final, Literal

import msgspec

from app.domain.policies import limit_keys
from app.domain.policies.limit_keys import Keys, Part

Known = Literal["address", "consumer", "credential", "api_key", "route"]

_PARTS: Final[dict[str, Part]] = {
    "address": limit_keys.address,
    "consumer": limit_keys.consumer,
    "credential": limit_keys.credential,
    "api_key": limit_keys.credential,
    "route": limit_keys.route,
}


class Named(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field or a cookie of the request; one of them."""

    header: str = ""
    cookie: str = ""


By = Known | Named | tuple[Known | Named, ...]
"""One of them, or all together."""


def parts(by: By) -> tuple[Known | Named, ...]:
    """What is counted by, one after the other."""
    return by if isinstance(by, tuple) else (by,)


def keys(by: By) -> Keys:
    """What makes the keys of requests."""
    return Keys([_part(one) for one in parts(by)])


def _part(one: Known | Named) -> Part:
    if not isinstance(one, Named):
        return _PARTS[one]
    return limit_keys.header(one.header) if one.header else limit_keys.cookie(one.cookie)


def problems(by: By) -> list[str]:
    """What is wrong with it, with the place in front."""
    if not parts(by):
        return ["by: expected address, consumer, api_key, route, a header or a cookie"]
    for one in parts(by):
        if isinstance(one, Named) and bool(one.header) == bool(one.cookie):
            return ["by: expected the name of a header or of a cookie"]
    return []


def describe(by: By) -> str:
    """In words: `address and header x-plan`."""
    return " and ".join(_words(one) for one in parts(by))


def _words(one: Known | Named) -> str:
    if not isinstance(one, Named):
        return one
    return f"header {one.header.lower()}" if one.header else f"cookie {one.cookie}"
