"""Path patterns with wildcards, of many routes, as a tree of segments. Not for exact paths or regular expressions.

Only nodes that the path leads to are visited. A node below no `**` is visited once at most, one below it once for each
segment of the path, so a look-up never takes more than (nodes led to) x (segments).
"""

from app.domain.policies.routing_entries import Entry
from app.domain.policies.routing_segments import Partial, Segment, Wild


class Node:
    """What may follow a beginning of a pattern, and the routes whose pattern ends here."""

    __slots__ = ("below", "depth", "ends", "literals", "one", "partials", "wild")

    def __init__(self) -> None:
        self.literals: dict[str, Node] | None = None
        self.partials: dict[Partial, Node] | None = None
        self.one: Node | None = None
        self.depth: Node | None = None
        self.wild = False
        """Whether there is any of the last three."""
        self.ends: list[Entry] | None = None
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
            node.below = _appended(node.below, entry)
        else:
            node = node._child(segments[-1])
            node.ends = _appended(node.ends, entry)

    def _child(self, segment: Segment) -> "Node":
        if isinstance(segment, str):
            self.literals = {} if self.literals is None else self.literals
            return self.literals.get(segment) or self.literals.setdefault(segment, Node())
        self.wild = True
        if segment is Wild.ONE:
            self.one = self.one or Node()
            return self.one
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
        todo = [(self, 1)]
        swept: dict[Node, int] = {}
        while todo:
            node, at = todo.pop()
            if node.below is not None:
                found.append(node.below)
            if at == count:
                if node.ends is not None:
                    found.append(node.ends)
                continue
            if node.literals is not None:
                child = node.literals.get(given[at])
                if child is not None:
                    todo.append((child, at + 1))
            if node.wild:
                node._branch(given, at, swept, todo)
        return found

    def _branch(self, given: list[str], at: int, swept: "dict[Node, int]", todo: "list[tuple[Node, int]]") -> None:
        """Append to `todo` where other segments than literal ones lead, with the index of what comes after them."""
        text = given[at]
        if self.one is not None and text:
            todo.append((self.one, at + 1))
        if self.partials is not None:
            todo.extend((child, at + 1) for part, child in self.partials.items() if part.spans(text) is not None)
        if self.depth is not None:
            # What follows a `**` may begin here or at any later segment; what was swept before is not swept again.
            todo.extend((self.depth, start) for start in range(at, swept.get(self.depth, len(given))))
            swept[self.depth] = min(at, swept.get(self.depth, at))


def _appended(entries: list[Entry] | None, entry: Entry) -> list[Entry]:
    if entries is None:
        return [entry]
    entries.append(entry)
    return entries
