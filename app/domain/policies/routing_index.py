"""The routes of one host, found by path: exact paths in a dict, patterns in a tree, expressions one by one."""

from bisect import bisect_left, insort
from typing import Final

from app.domain.entities.request import Request
from app.domain.policies.routing_copies import Copies, without_key
from app.domain.policies.routing_entries import Entry, with_entry, without_entry
from app.domain.policies.routing_rank import Rank
from app.domain.policies.routing_tree import Node


class PathIndex:
    """Every list in it is in the order of rank."""

    __slots__ = ("exact", "first", "first_pattern", "ordered", "regexes", "root")

    def __init__(self, first: Rank) -> None:
        self.exact = _NO_LISTS
        self.root: Node | None = None
        self.regexes = _NO_LISTS
        """By the text of the pattern, so that an expression of many routes is tried once."""
        self.ordered = _NO_ORDER
        """The same lists in the order of their first entries."""
        self.first = first
        """No rank is below it: what was found before it elsewhere need not be looked for here.

        It may be lower than the lowest rank, when that route was taken out: then one look-up more is made here.
        """
        self.first_pattern = first
        """No rank in the tree is below it, when there is a tree; it too may be lower than the lowest."""

    def copy(self) -> "PathIndex":
        """Another index with the same routes."""
        index = PathIndex(self.first)
        index.exact = self.exact
        index.root = self.root
        index.regexes = self.regexes
        index.ordered = self.ordered
        index.first_pattern = self.first_pattern
        return index

    @property
    def is_empty(self) -> bool:
        """Whether no route is left."""
        return not self.exact and self.root is None and not self.regexes

    def add(self, entry: Entry, copies: Copies) -> None:
        """Put in an entry. This index must be one of `copies`, or new."""
        if entry.rank < self.first:
            self.first = entry.rank
        path = entry.path
        if path.exact is not None:
            self.exact = copies.own(self.exact) if self.exact else {}
            self.exact[path.exact] = with_entry(self.exact.get(path.exact), entry, copies)
        elif path.regex is not None:
            self._take_from_order(path.text, copies)
            self.regexes = copies.own(self.regexes)
            entries = self.regexes[path.text] = with_entry(self.regexes.get(path.text), entry, copies)
            insort(self.ordered, entries, key=_first)
        else:
            if self.root is None or entry.rank < self.first_pattern:
                self.first_pattern = entry.rank
            self.root = self._own_root(copies)
            self.root.insert(entry, copies)

    def remove(self, entry: Entry, copies: Copies) -> None:
        """Take out an entry that is here. This index must be one of `copies`."""
        path = entry.path
        if path.exact is not None:
            self.exact = _without(self.exact, path.exact, entry, copies)
        elif path.regex is not None:
            self._take_from_order(path.text, copies)
            self.regexes = _without(self.regexes, path.text, entry, copies)
            if path.text in self.regexes:
                insort(self.ordered, self.regexes[path.text], key=_first)
            elif not self.regexes:
                self.ordered = _NO_ORDER
        else:
            root = self._own_root(copies)
            root.remove(entry, copies)
            self.root = None if root.is_empty else root

    def _own_root(self, copies: Copies) -> Node:
        return Node() if self.root is None else copies.own(self.root)

    def _take_from_order(self, text: str, copies: Copies) -> None:
        """Its place depends on its first entry, which is about to change."""
        self.ordered = copies.own(self.ordered)
        entries = self.regexes.get(text)
        if entries is not None:
            del self.ordered[bisect_left(self.ordered, entries[0].rank, key=_first)]

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
        for entries in self.ordered:
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


def _without(lists: dict[str, list[Entry]], key: str, entry: Entry, copies: Copies) -> dict[str, list[Entry]]:
    """Entries by a key, without one that is there; the key goes with the last of its entries."""
    entries = without_entry(lists[key], entry, copies)
    if not entries:
        return without_key(lists, key, copies) or _NO_LISTS
    owned = copies.own(lists)
    owned[key] = entries
    return owned


def _first(entries: list[Entry]) -> Rank:
    return entries[0].rank


_NO_LISTS: Final[dict[str, list[Entry]]] = {}
"""Shared by all indexes without exact paths, or without expressions."""
_NO_ORDER: Final[list[list[Entry]]] = []
"""Shared by all indexes without expressions."""
