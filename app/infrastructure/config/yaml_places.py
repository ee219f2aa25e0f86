"""Where the parts of a YAML text stand, as far as somebody wants to edit them. Not for what they mean."""

from collections.abc import Collection, Iterator
from typing import Any, Final, Literal

import msgspec
import yaml

from app.infrastructure.config.yaml_document import Loader

DEPTH: Final = 2
"""Mappings from the top whose entries are always looked at: the document, and its sections."""

Wanted = Collection[tuple[str, ...]]
"""Paths (section, id) of the entities whose insides matter."""


class Place(msgspec.Struct, gc=False):
    """One value. Positions are characters of the text."""

    kind: Literal["mapping", "sequence", "scalar"]
    start: int
    end: int
    """After its last character that is no blank."""
    column: int = 0
    """Of the keys of a block mapping."""
    flow: bool = False
    """Written with brackets or braces."""
    block_text: bool = False
    """A scalar that begins with `|` or `>`."""
    special: bool = False
    """Has an anchor or a tag, is an alias, or merges another mapping."""
    marked: bool = False
    """Is special, or something inside is."""
    entries: "list[Entry]" = []
    """Of a mapping or a sequence; empty when nobody wanted to know."""


class Entry(msgspec.Struct, gc=False):
    """A key of a mapping with its value, or an item of a sequence."""

    key: str
    start: int
    """Of the key, or of the item's value."""
    key_end: int
    value: Place


def places_in(text: str, wanted: Wanted) -> Place | None:
    """The value of the only document of `text`, None when there is none. Raises yaml.YAMLError."""
    loader = Loader(text)
    try:
        return _Reader(text, loader, wanted).document()
    finally:
        loader.dispose()


class _Reader:
    """Follows the events of a parser."""

    def __init__(self, text: str, loader: yaml.CSafeLoader, wanted: Wanted) -> None:
        self._text = text
        self._events: Iterator[Any] = iter(loader.get_event, None)
        self._wanted = wanted

    def document(self) -> Place | None:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        return self._value(next(self._events), ())

    def _value(self, event: Any, path: tuple[str, ...]) -> Place:
        place = Place("scalar", event.start_mark.index, event.end_mark.index)
        place.special = place.marked = _is_special(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, place, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, place, path)
        if getattr(event, "style", None) in ("|", ">"):
            place.block_text = True
            place.end = place.start + len(self._text[place.start : place.end].rstrip())
        return place

    def _mapping(self, event: Any, place: Place, path: tuple[str, ...]) -> Place:
        place.kind, place.flow = "mapping", bool(event.flow_style)
        inside = len(path) < DEPTH or path[:DEPTH] in self._wanted
        while not isinstance(following := next(self._events), yaml.MappingEndEvent):
            key = self._value(following, path)
            name = getattr(following, "value", "")
            place.special |= key.marked or key.kind != "scalar" or (name == "<<" and following.style in (None, ""))
            value = self._value(next(self._events), (*path, name))
            self._take(place, Entry(name, key.start, key.end, value), inside)
            place.column = place.column or following.start_mark.column
        return self._closed(place, following)

    def _sequence(self, event: Any, place: Place, path: tuple[str, ...]) -> Place:
        place.kind, place.flow = "sequence", bool(event.flow_style)
        inside = path[:DEPTH] in self._wanted
        while not isinstance(following := next(self._events), yaml.SequenceEndEvent):
            value = self._value(following, path)
            self._take(place, Entry("", value.start, value.start, value), inside)
        return self._closed(place, following)

    def _take(self, place: Place, entry: Entry, inside: bool) -> None:
        place.marked |= place.special or entry.value.marked
        place.end = max(entry.key_end, entry.value.end)
        if inside:
            place.entries.append(entry)

    def _closed(self, place: Place, event: Any) -> Place:
        if place.flow:
            place.end = event.end_mark.index
        return place


def _is_special(event: Any) -> bool:
    """Whether it has an anchor or a tag, or is an alias."""
    return event.anchor is not None or event.tag is not None
