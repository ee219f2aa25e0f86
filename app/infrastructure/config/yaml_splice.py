"""Changes values in a YAML text where they stand, and leaves every other character alone. Not for anchors and tags."""

from collections.abc import Mapping
from difflib import SequenceMatcher
from operator import itemgetter
from typing import Any, Final

from app.infrastructure.config import yaml_render
from app.infrastructure.config.json_values import canonical, differ
from app.infrastructure.config.yaml_lines import Awkward, Lines
from app.infrastructure.config.yaml_places import Entry, Place
from app.infrastructure.config.yaml_render import Style

SECTION_DEPTH: Final = 2
"""Where entities are. A section above them is too much to be written anew, or to stand in one line."""

MOST_PAIRS: Final = 1_000_000
"""Items of one list times those of another, beyond which nobody looks which of them are the same."""

Path = tuple[str, ...]
"""Keys that lead to a value: a section, an id, and so on."""
Change = tuple[int, int, str]
"""From, to, and what stands there instead."""


class Splicer:
    """For one text, which ends with a line break."""

    def __init__(self, text: str, style: Style, written: Mapping[Path, str] | None = None) -> None:
        """`written` is what follows the key of entities that hold what cannot be changed in its place."""
        self._text = text
        self._written = written or {}
        self._lines = Lines(text)
        self._style = style

    def changed(self, place: Place, old: dict[str, Any], new: dict[str, Any]) -> str:
        """The text in which the document at `place`, which is `old`, is `new`. Raises Awkward."""
        if place.flow or place.special or place.kind != "mapping":
            raise Awkward
        parts: list[str] = []
        done = 0
        # Of what comes at one position the first stays the first: lines of an entry, then entries after it.
        for start, end, instead in sorted(self._mapping(place, old, new, ()), key=itemgetter(0, 1)):
            if start < done:
                raise Awkward
            parts += (self._text[done:start], instead)
            done = end
        return "".join([*parts, self._text[done:]])

    def appended(self, new: dict[str, Any]) -> str:
        """The text, which holds no document, with one."""
        lines = [yaml_render.entry(section, entities, 0, self._style) + "\n" for section, entities in new.items()]
        return self._text + "".join(lines)

    def _mapping(self, place: Place, old: dict[str, Any], new: dict[str, Any], path: Path) -> list[Change]:
        """Changes of a block mapping. Raises Awkward when it is better written anew."""
        if len(path) >= SECTION_DEPTH and not any(entry.key in new for entry in place.entries):
            raise Awkward
        changes: list[Change] = []
        for entry in place.entries:
            if entry.key not in new:
                changes.append(
                    (self._lines.first(entry.start, place.column), self._lines.tail(entry, place.column), "")
                )
            elif differ(old[entry.key], new[entry.key]):
                changes += self._entry(entry, place.column, old[entry.key], new[entry.key], (*path, entry.key))
        return changes + self._added(place, {key: value for key, value in new.items() if key not in old})

    def _added(self, place: Place, added: dict[str, Any]) -> list[Change]:
        if not added:
            return []
        last = place.entries[-1]
        gap = "\n" if len(place.entries) > 1 and self._lines.follows_a_gap(last, place.column) else ""
        lines = [gap + yaml_render.entry(key, value, place.column, self._style) for key, value in added.items()]
        at = self._lines.tail(last, place.column)
        return [(at, at, "\n".join(lines) + "\n")]

    def _entry(self, entry: Entry, column: int, old: Any, new: Any, path: Path) -> list[Change]:
        """Changes of the value of a key of a block mapping."""
        place = entry.value
        if path in self._written and place.marked:
            return [(entry.key_end, place.end, self._written[path])]
        is_section = len(path) < SECTION_DEPTH
        if place.special or (place.marked and not is_section) or (is_section and place.flow and place.entries):
            raise Awkward
        try:
            return self._value(place, old, new, path)
        except Awkward:
            if is_section and old and new:
                raise
        lines = yaml_render.block(new, column, self._style)
        return self._in_lines(entry.key_end, place.end, ":" + lines)

    def _in_lines(self, start: int, end: int, text: str) -> list[Change]:
        """Another text, perhaps of several lines: what follows in the old line follows in the first of the new ones."""
        head, more, rest = text.partition("\n")
        at = self._lines.after(end)
        return [(start, end, head), (at, at, rest + "\n")] if more else [(start, end, head)]

    def _value(self, place: Place, old: Any, new: Any, path: Path) -> list[Change]:
        if isinstance(old, dict) and isinstance(new, dict) and old and (new or len(path) < SECTION_DEPTH):
            return self._flow_mapping(place, old, new) if place.flow else self._mapping(place, old, new, path)
        if isinstance(old, list) and isinstance(new, list) and old and new and not place.flow:
            return self._sequence(place, old, new, path)
        lines = place.block_text or not (place.flow or place.kind == "scalar") or place.start == place.end
        if lines or (len(path) <= SECTION_DEPTH and new):
            raise Awkward
        if isinstance(new, dict | list) and not place.flow:
            raise Awkward
        return [self._replaced(place, new)]

    def _replaced(self, place: Place, new: Any) -> Change:
        """Another value in one line, quoted as the one before."""
        quote = self._text[place.start] if isinstance(new, str) else ""
        text = yaml_render.quoted(new, quote) if quote in ("'", '"') else yaml_render.inline(new)
        return place.start, place.end, text

    def _flow_mapping(self, place: Place, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
        """Changes between braces: what is new comes last."""
        if not place.entries or any(key not in new for key in old):
            return [(place.start, place.end, yaml_render.inline(new))]
        changes: list[Change] = []
        for entry in place.entries:
            value = entry.value
            if not differ(old[entry.key], new[entry.key]):
                continue
            if value.start == value.end:
                changes.append((entry.key_end, value.end, ": " + yaml_render.inline(new[entry.key])))
            elif (
                value.flow and isinstance(old[entry.key], dict) and isinstance(new[entry.key], dict) and old[entry.key]
            ):
                changes += self._flow_mapping(value, old[entry.key], new[entry.key])
            else:
                changes.append(self._replaced(value, new[entry.key]))
        added = [f", {yaml_render.scalar(key)}: {yaml_render.inline(new[key])}" for key in new if key not in old]
        at = place.entries[-1].value.end
        return [*changes, (at, at, "".join(added))] if added else changes

    def _sequence(self, place: Place, old: list[Any], new: list[Any], path: Path) -> list[Change]:
        """Changes of a list with dashes: items that stay keep their comments."""
        if len(old) * len(new) > MOST_PAIRS:
            raise Awkward
        dashes = [self._lines.dash(entry) for entry in place.entries]
        column = dashes[0] - self._lines.line(dashes[0])
        changes: list[Change] = []
        matcher = SequenceMatcher(None, [canonical(one) for one in old], [canonical(one) for one in new], False)
        for kind, i1, i2, j1, j2 in matcher.get_opcodes():
            if kind == "equal":
                continue
            both = min(i2 - i1, j2 - j1)
            for i, j in zip(range(i1, i1 + both), range(j1, j1 + both), strict=True):
                changes += self._item(place.entries[i], dashes[i], old[i], new[j], path)
            for i in range(i1 + both, i2):
                changes.append((self._lines.first(dashes[i], column), self._lines.tail(place.entries[i], column), ""))
            lines = [yaml_render.item(one, column, self._style) + "\n" for one in new[j1 + both : j2]]
            at = self._lines.first(dashes[i2], column) if i2 < len(old) else self._lines.tail(place.entries[-1], column)
            changes += [(at, at, "".join(lines))] if lines else []
        return changes

    def _item(self, entry: Entry, dash: int, old: Any, new: Any, path: Path) -> list[Change]:
        try:
            return self._value(entry.value, old, new, (*path, ""))
        except Awkward:
            column = dash - self._lines.line(dash)
            text = yaml_render.item(new, column, self._style)[column:]
            return self._in_lines(dash, max(entry.value.end, dash + 1), text)
