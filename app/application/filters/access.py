"""Filter `access`: lets requests pass, or not, by who sends them and from where. Not for finding out who it is."""

from collections.abc import Awaitable
from typing import Final

from app.application.filters.options.access import Lists, Options, problems
from app.application.kinds import Kind, Place, read
from app.application.tools import AddressFile, Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.policies.access import Addresses, NameRules, Names, PlaceRules, Places
from app.domain.policies.address_table import AddressTable

NAME: Final = "access"


class AccessFilter:
    """One `access` step."""

    __slots__ = ("_files", "_names", "_places")

    def __init__(self, options: Options, tools: Tools) -> None:
        """Raises ValueError for a list that cannot be used, and for a file that cannot be read."""
        allow, deny = _names(options.allow), _names(options.deny)
        self._names: Final = None if allow.empty and deny.empty else NameRules(allow, deny)
        files: list[AddressFile] = []
        places = [_places(lists, tools, files) for lists in (options.allow, options.deny)]
        self._places: Final = PlaceRules(places[0], places[1], tools.countries.country)
        self._files = tuple(files)
        if options.allow.countries or options.deny.countries:
            tools.countries.needed()

    def on_request(self, exchange: Exchange) -> Awaitable[None] | None:
        """Raises Unauthenticated (401) and Forbidden (403). Awaitable only while a file is read for the first time."""
        for listed in self._files:
            loading = listed.loading
            if loading is not None:
                return self._when_loaded(exchange, loading)
        self._places.check(exchange.request.client.address)
        if self._names is not None:
            self._names.check(exchange.identity)
        return None

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing is left to do."""

    async def _when_loaded(self, exchange: Exchange, loading: Awaitable[None]) -> None:
        await loading
        again = self.on_request(exchange)
        if again is not None:
            await again


def _names(lists: Lists) -> Names:
    return Names(frozenset(lists.consumers), frozenset(lists.groups), frozenset(lists.scopes))


def _places(lists: Lists, tools: Tools, files: list[AddressFile]) -> Places:
    mine = [tools.address_file(path) for path in lists.address_files]
    files += mine
    addresses: list[Addresses] = [AddressTable(lists.addresses)] if lists.addresses else []
    return Places((*addresses, *mine), frozenset(lists.countries))


def build(options: object, tools: Tools, _: Place) -> AccessFilter:
    """The filter that `options`, as read from a file, describe. Raises ValueError."""
    decoded = read(options, Options)
    found = problems(decoded)
    if found:
        raise ValueError(found[0])
    return AccessFilter(decoded, tools)


def describe(options: object) -> str:
    """What the step does, in one line."""
    decoded = read(options, Options)
    parts = []
    for verb, lists in (("deny", decoded.deny), ("allow", decoded.allow)):
        for name in Lists.__struct_fields__:
            values = getattr(lists, name)
            if values:
                parts.append(f"{verb} {name.replace('_', ' ')} {', '.join(values)}")
    return "; ".join(parts)


KIND: Final = Kind(build, describe, lambda options: problems(read(options, Options)))
