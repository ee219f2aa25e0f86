"""What a route writes below `access`, and what is wrong with that. Not for any request: the filter.

A module of its own: mypyc drops the options of Structs, so that filters are compiled without them.
"""

import re
from typing import Final

import msgspec

from app.domain.policies.access import UNKNOWN
from app.domain.policies.addresses import parse_network

_COUNTRY: Final = re.compile(r"[A-Z]{2}")


class Lists(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who and where. `consumers` and `groups` are one question, and so are `addresses` and `address_files`."""

    consumers: tuple[str, ...] = ()
    """Ids of consumers, or `issuer:subject` for those whom only a token names."""
    groups: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    address_files: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    """Codes of two capital letters (ISO 3166-1), or `unknown`."""


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a route writes below `access`."""

    allow: Lists = Lists()
    """Of every question that is asked here, one answer must be listed."""
    deny: Lists = Lists()
    """Whatever is listed here is refused, also when it is allowed."""


def problems(options: Options) -> list[str]:
    """Everything that is wrong with the options, each with the place of the mistake."""
    if options == Options():
        return ["allow: nothing is listed, nor below deny: the step would do nothing"]
    return _wrong("allow", options.allow) + _wrong("deny", options.deny)


def _wrong(side: str, lists: Lists) -> list[str]:
    found = []
    for index, text in enumerate(lists.addresses):
        try:
            parse_network(text)
        except ValueError as error:
            found.append(f"{side}.addresses[{index}]: {error}")
    for index, code in enumerate(lists.countries):
        if not _COUNTRY.fullmatch(code) and code != UNKNOWN:
            found.append(f"{side}.countries[{index}]: expected two capital letters, or {UNKNOWN}, got {code!r}")
    for name in ("consumers", "groups", "scopes", "address_files"):
        found += [f"{side}.{name}[{at}]: is empty" for at, text in enumerate(getattr(lists, name)) if not text]
    return found
