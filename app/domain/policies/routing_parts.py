"""What a route table looks into, changed route by route: a table that has it already is never altered.

Not for look-ups, nor for what routes mean.
"""

from app.domain.policies.layered_map import LayeredMap
from app.domain.policies.routing_copies import Copies, without_key
from app.domain.policies.routing_entries import CompiledRoute, Entry, entries_of
from app.domain.policies.routing_hosts import HostKind, HostPattern
from app.domain.policies.routing_index import PathIndex
from app.domain.ports import RegexSearch


class Parts:
    """Routes by id, and their entries by host and then by path.

    A change copies what is on its way and no more: the dict by host, one index, the nodes from its root.
    What was copied once is not copied again until `share`.
    """

    __slots__ = ("_copies", "any_host", "hosts", "regexes", "routes", "suffixes")

    def __init__(self) -> None:
        self.routes: LayeredMap[CompiledRoute] = LayeredMap({})
        self.hosts: dict[str, PathIndex] = {}
        self.suffixes: dict[str, PathIndex] = {}
        """By the suffix without `*.`."""
        self.regexes: dict[str, tuple[RegexSearch, PathIndex]] = {}
        """By the text of the expression."""
        self.any_host: PathIndex | None = None
        self._copies = Copies()

    def share(self) -> "Parts":
        """The same parts for another owner; each copies from now on what it changes."""
        other = Parts()
        other.routes = self.routes
        other.hosts = self.hosts
        other.suffixes = self.suffixes
        other.regexes = self.regexes
        other.any_host = self.any_host
        self._copies = Copies()
        return other

    def put(self, route: CompiledRoute) -> None:
        """Add a route; one of the same id goes."""
        self.remove(route.id)
        self.routes = self._copies.own(self.routes)
        self.routes[route.id] = route
        for entry in entries_of(route):
            self._own_index(entry).add(entry, self._copies)

    def remove(self, id_: str) -> None:
        """Take out a route, if there is one, and all that was there for it alone."""
        route = self.routes.get(id_)
        if route is None:
            return
        self.routes = self._copies.own(self.routes)
        del self.routes[id_]
        for entry in entries_of(route):
            self._remove(entry)

    def _remove(self, entry: Entry) -> None:
        index = self._own_index(entry)
        index.remove(entry, self._copies)
        if index.is_empty:
            self._drop_index(entry.host)

    def _own_index(self, entry: Entry) -> PathIndex:
        """The index of an entry, made when there is none, that may be changed."""
        index = self._index(entry.host)
        owned = PathIndex(entry.rank) if index is None else self._copies.own(index)
        if owned is not index:
            self._set_index(entry.host, owned)
        return owned

    def _index(self, host: HostPattern) -> PathIndex | None:
        if host.kind is HostKind.EXACT:
            return self.hosts.get(host.value)
        if host.kind is HostKind.SUFFIX:
            return self.suffixes.get(host.value)
        if host.kind is HostKind.REGEX:
            found = self.regexes.get(host.value)
            return found[1] if found is not None else None
        return self.any_host

    def _set_index(self, host: HostPattern, index: PathIndex) -> None:
        if host.kind is HostKind.EXACT:
            self.hosts = self._copies.own(self.hosts)
            self.hosts[host.value] = index
        elif host.kind is HostKind.SUFFIX:
            self.suffixes = self._copies.own(self.suffixes)
            self.suffixes[host.value] = index
        elif host.regex is not None:
            self.regexes = self._copies.own(self.regexes)
            self.regexes[host.value] = (host.regex, index)
        else:
            self.any_host = index

    def _drop_index(self, host: HostPattern) -> None:
        if host.kind is HostKind.EXACT:
            self.hosts = without_key(self.hosts, host.value, self._copies)
        elif host.kind is HostKind.SUFFIX:
            self.suffixes = without_key(self.suffixes, host.value, self._copies)
        elif host.kind is HostKind.REGEX:
            self.regexes = without_key(self.regexes, host.value, self._copies)
        else:
            self.any_host = None
