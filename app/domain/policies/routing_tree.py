"""Path patterns with wildcards, of many routes, as a tree of segments. Not for exact paths or regular expressions.

Only nodes that the path leads to are visited. A node below no `**` is visited once at most, one below it once for each
segment of the path, so a look-up never takes more than (nodes led to) x (segments).
"""

from typing import Final

from app.domain.policies.routing_entries import Entry
from app.domain.policies.routing_segments import Partial, Segment, Wild


class Node:
    """What may follow a beginning of a pattern, and the routes whose pattern ends here."""

    __slots__ = ("below", "depth", "ends", "literals", "one", "partials", "wild")

    def __init__(self) -> None:
        self.literals = _NO_NODES
        self.partials: dict[Partial, Node] | None = None
        self.one: Node | None = None
        self.depth: Node | None = None
        self.wild = False
        """Whether there are `partials` or a `depth`, so that there may be several ways on."""
        self.ends = _NO_ENTRIES
        """Match when the path ends here."""
        self.below: list[Entry] | None = None
        """Match when the path ends here or anywhere below: patterns with `**` at the end."""

    def insert(self, entry: Entry) -> None:
        """Add a route under its pattern, after those of lower rank."""
        segments = entry.path.segments
        node = self
        for segment in segments[:-1]:
            node = node._child(segment)
        if segments[-1] is Wild.DEPTH:
            if node.below is None:
                node.below = []
            node.below.append(entry)
        else:
            node = node._child(segments[-1])
            if node.ends is _NO_ENTRIES:
                node.ends = []
            node.ends.append(entry)

    def _child(self, segment: Segment) -> "Node":
        if isinstance(segment, str):
            if self.literals is _NO_NODES:
                self.literals = {}
            return self.literals.get(segment) or self.literals.setdefault(segment, Node())
        if segment is Wild.ONE:
            self.one = self.one or Node()
            return self.one
        self.wild = True
        if segment is Wild.DEPTH:
            self.depth = self.depth or Node()
            return self.depth
        self.partials = {} if self.partials is None else self.partials
        return self.partials.get(segment) or self.partials.setdefault(segment, Node())

    def reach(self, path: str) -> list[list[Entry]]:
        """The routes whose pattern matches a folded path, in lists of one pattern each."""
        given = path.split("/")
        count = len(given)
        found: list[list[Entry]] = []
        node = self
        at = 1
        # Most paths lead one way only, and need no list of what is still to do.
        while not node.wild:
            if node.below is not None:
                found.append(node.below)
            if at == count:
                found.append(node.ends)
                return found
            child = node.literals.get(given[at])
            if child is None:
                if node.one is None or not given[at]:
                    return found
                child = node.one
            elif node.one is not None:
                node.one._reach_all(given, at + 1, found)
            node = child
            at += 1
        node._reach_all(given, at, found)
        return found

    def _reach_all(self, given: list[str], start: int, found: list[list[Entry]]) -> None:
        count = len(given)
        todo = [(self, start)]
        swept: dict[Node, int] = {}
        while todo:
            node, at = todo.pop()
            if node.below is not None:
                found.append(node.below)
            if at == count:
                found.append(node.ends)
                continue
            child = node.literals.get(given[at])
            if child is not None:
                todo.append((child, at + 1))
            if node.one is not None and given[at]:
                todo.append((node.one, at + 1))
            if node.wild:
                node._branch(given, at, swept, todo)

    def _branch(self, given: list[str], at: int, swept: "dict[Node, int]", todo: "list[tuple[Node, int]]") -> None:
        """Append to `todo` where `partials` and `depth` lead, with the index of what comes after them."""
        if self.partials is not None:
            text = given[at]
            todo.extend((child, at + 1) for part, child in self.partials.items() if part.spans(text) is not None)
        if self.depth is not None:
            # What follows a `**` may begin here or at any later segment; what was swept before is not swept again.
            todo.extend((self.depth, start) for start in range(at, swept.get(self.depth, len(given))))
            swept[self.depth] = min(at, swept.get(self.depth, at))


_NO_NODES: Final[dict[str, Node]] = {}
"""Shared by all nodes without literal segments below them."""
_NO_ENTRIES: Final[list[Entry]] = []
"""Shared by all nodes where no pattern ends."""
