"""Path patterns with wildcards, of many routes, as a tree of segments. Not for exact paths or regular expressions.

Only nodes that the path leads to are visited. A node below no `**` is visited once at most, one below it once for each
segment of the path, so a look-up never takes more than (nodes led to) x (segments).
"""

from typing import Final

from app.domain.policies.routing_copies import Copies, without_key
from app.domain.policies.routing_entries import Entry, with_entry, without_entry
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

    def copy(self) -> "Node":
        """Another node with the same routes and the same nodes below it."""
        node = Node()
        node.literals = self.literals
        node.partials = self.partials
        node.one = self.one
        node.depth = self.depth
        node.wild = self.wild
        node.ends = self.ends
        node.below = self.below
        return node

    @property
    def is_empty(self) -> bool:
        """Whether no pattern ends here or anywhere below."""
        return not (self.ends or self.below or self.literals or self.one is not None or self.wild)

    def insert(self, entry: Entry, copies: Copies) -> None:
        """Add a route under its pattern, in the order of rank. This node must be one of `copies`, or new."""
        segments = entry.path.segments
        deep = segments[-1] is Wild.DEPTH
        node = self
        for segment in segments[:-1] if deep else segments:
            node = node._own_child(segment, copies)
        if deep:
            node.below = with_entry(node.below, entry, copies)
        else:
            node.ends = with_entry(node.ends, entry, copies)

    def remove(self, entry: Entry, copies: Copies) -> None:
        """Take out a route that is here, and the nodes that held nothing else. This node must be one of `copies`."""
        segments = entry.path.segments
        deep = segments[-1] is Wild.DEPTH
        trail: list[tuple[Node, Segment]] = []
        node = self
        for segment in segments[:-1] if deep else segments:
            trail.append((node, segment))
            node = node._own_child(segment, copies)
        if deep:
            node.below = without_entry(node.below or _NO_ENTRIES, entry, copies) or None
        else:
            node.ends = without_entry(node.ends, entry, copies) or _NO_ENTRIES
        while trail and node.is_empty:
            node, segment = trail.pop()
            node._drop_child(segment, copies)

    def _own_child(self, segment: Segment, copies: Copies) -> "Node":
        """The node for a segment, made when there is none, that may be changed."""
        child = self._child(segment)
        owned = Node() if child is None else copies.own(child)
        if owned is not child:
            if isinstance(segment, str):
                self.literals = copies.own(self.literals) if self.literals else {}
                self.literals[segment] = owned
            elif isinstance(segment, Partial):
                self.partials = {} if self.partials is None else copies.own(self.partials)
                self.partials[segment] = owned
                self.wild = True
            elif segment is Wild.ONE:
                self.one = owned
            else:
                self.depth = owned
                self.wild = True
        return owned

    def _child(self, segment: Segment) -> "Node | None":
        if isinstance(segment, str):
            return self.literals.get(segment)
        if isinstance(segment, Partial):
            return self.partials.get(segment) if self.partials is not None else None
        return self.one if segment is Wild.ONE else self.depth

    def _drop_child(self, segment: Segment, copies: Copies) -> None:
        if isinstance(segment, str):
            self.literals = without_key(self.literals, segment, copies) or _NO_NODES
        elif isinstance(segment, Partial):
            self.partials = without_key(self.partials or {}, segment, copies) or None
        elif segment is Wild.ONE:
            self.one = None
        else:
            self.depth = None
        self.wild = self.partials is not None or self.depth is not None

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
