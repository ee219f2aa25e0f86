"""The routes of one host, found by path: exact paths in a dict, patterns in a tree, expressions one by one."""

from app.domain.entities.request import Request
from app.domain.policies.routing_entries import Entry
from app.domain.policies.routing_rank import Rank
from app.domain.policies.routing_tree import Node


class PathIndex:
    """Filled by `add` in the order of rank, so that every list in it is in that order, then only asked."""

    __slots__ = ("exact", "first", "first_pattern", "regexes", "root")

    def __init__(self, first: Rank) -> None:
        self.exact: dict[str, list[Entry]] = {}
        self.root: Node | None = None
        self.regexes: dict[str, list[Entry]] = {}
        """By the text of the pattern, so that an expression of many routes is tried once."""
        self.first = first
        """The lowest rank of all: what was found before it elsewhere need not be looked for here."""
        self.first_pattern = first
        """The lowest rank in the tree, when there is a tree."""

    def add(self, entry: Entry) -> None:
        """Put in an entry whose rank is not below that of any before it."""
        path = entry.path
        if path.exact is not None:
            self.exact.setdefault(path.exact, []).append(entry)
        elif path.regex is not None:
            self.regexes.setdefault(path.text, []).append(entry)
        else:
            if self.root is None:
                self.root = Node()
                self.first_pattern = entry.rank
            self.root.insert(entry)

    def best(self, path: str, request: Request, best: Entry | None) -> Entry | None:
        """The first entry in rank order that matches a folded path and whose conditions hold, or `best`."""
        entries = self.exact.get(path)
        if entries is not None:
            best = pick(entries, request, best)
        if self.root is not None and (best is None or self.first_pattern < best.rank):
            for entries in self.root.reach(path):
                best = pick(entries, request, best)
        if self.regexes:
            best = self._best_regex(path, request, best)
        return best

    def _best_regex(self, path: str, request: Request, best: Entry | None) -> Entry | None:
        for entries in self.regexes.values():
            first = entries[0]
            if best is not None and best.rank < first.rank:
                # The lists are in the order of their first entries, so none of the others can do better.
                return best
            if first.path.regex is not None and first.path.regex.fullmatch(path):
                best = pick(entries, request, best)
        return best


def pick(entries: list[Entry], request: Request, best: Entry | None) -> Entry | None:
    """The first of `entries`, which are in order, whose conditions hold; `best` when that one comes before."""
    for entry in entries:
        if best is not None and best.rank < entry.rank:
            return best
        conditions = entry.route.conditions
        if conditions is None or conditions.hold(request):
            return entry
    return best
