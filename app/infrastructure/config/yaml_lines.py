"""Which lines of a YAML text belong to an entry, with the comments about it. Not for changing them."""

from collections.abc import Iterator

from app.infrastructure.config.yaml_places import Entry


class Awkward(Exception):
    """Something that cannot be changed in its place."""


class Lines:
    """Of one text, which ends with a line break. Positions are characters."""

    def __init__(self, text: str) -> None:
        self._text = text

    def dash(self, entry: Entry) -> int:
        """Where the dash of an item stands. Raises Awkward when it is not the first thing of its line."""
        at = self._text.rindex("-", 0, max(entry.start, 1))
        if self._text[self.line(at) : at].strip(" "):
            raise Awkward
        return at

    def first(self, start: int, column: int) -> int:
        """Where the lines of something begin, with the comment right above it. Raises Awkward when it has none."""
        line = self.line(start)
        if self._text[line:start].strip(" "):
            raise Awkward
        for above in self._above(line):
            content = self._text[above:line]
            if not content.lstrip(" ").startswith("#") or len(content) - len(content.lstrip(" ")) != column:
                break
            line = above
        return line

    def tail(self, entry: Entry, column: int) -> int:
        """Where the lines of an entry end, with comments below it that are deeper than its column."""
        end = self.after(max(entry.value.end, entry.key_end))
        while end < len(self._text):
            following = self.after(end)
            content = self._text[end:following].lstrip(" ")
            if not content.startswith("#") or following - end - len(content) <= column:
                break
            end = following
        return end

    def follows_a_gap(self, entry: Entry, column: int) -> bool:
        """Whether there is an empty line above an entry and its comment."""
        try:
            first = self.first(entry.start, column)
        except Awkward:
            return False
        return any(not self._text[above:first].strip() for above in self._above(first))

    def line(self, at: int) -> int:
        """Where the line of a position begins."""
        return self._text.rfind("\n", 0, at) + 1

    def after(self, at: int) -> int:
        """Where the next line begins."""
        return self._text.find("\n", at) + 1 or len(self._text)

    def _above(self, line: int) -> Iterator[int]:
        """Beginnings of the lines above one, the nearest first."""
        while line > 0:
            line = self.line(line - 1)
            yield line
