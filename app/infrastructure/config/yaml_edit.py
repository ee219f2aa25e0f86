"""Changes a configuration in YAML, with comments, order and quotes kept. Not for files, and not for other formats."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import yaml
from ruamel.yaml.error import YAMLError

from app.infrastructure.config import yaml_render
from app.infrastructure.config.documents import DocumentError, parse
from app.infrastructure.config.json_edit import edit_json
from app.infrastructure.config.json_values import canonical, differ
from app.infrastructure.config.yaml_lines import Awkward
from app.infrastructure.config.yaml_places import places_in
from app.infrastructure.config.yaml_render import Style, style_of
from app.infrastructure.config.yaml_round_trip import round_trip
from app.infrastructure.config.yaml_splice import Path, Splicer


class CannotEdit(Exception):
    """A text that cannot be changed as it is asked for."""


def edit_yaml(text: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    """The text of the document `old`, changed so that it is `new`; both are mappings of sections of entities.

    Line ends stay as they are. Raises CannotEdit when there is no way that gives exactly `new`.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    ends = "\r\n" if "\r\n" in text else "\n"
    body = text.removeprefix(mark).replace("\r\n", "\n")
    if body and not body.endswith("\n"):
        body += "\n"
    for way in (_in_place, _in_place_quoted, _as_json, _entities_round_trip, _entities_anew, _round_trip):
        edited = _tried(way, body, old, new)
        if edited is not None:
            return mark + edited.replace("\n", ends)
    raise CannotEdit("what it would become is not what was asked for; edit the file yourself")


def _tried(
    way: Callable[[str, dict[str, Any], dict[str, Any]], str], text: str, old: dict[str, Any], new: dict[str, Any]
) -> str | None:
    try:
        edited = way(text, old, new)
    except (Awkward, YAMLError, yaml.YAMLError, ValueError, KeyError, AttributeError, NotImplementedError):
        # Whatever a library makes of a text that it is not used to: the other way may do.
        return None
    return edited if _means(edited, new) else None


def _in_place(text: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    return _spliced(text, old, new, style_of(text))


def _in_place_quoted(text: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    return _spliced(text, old, new, msgspec.structs.replace(style_of(text), literal=False))


def _spliced(
    text: str, old: dict[str, Any], new: dict[str, Any], style: Style, written: Mapping[Path, str] | None = None
) -> str:
    wanted = {
        (section, id_)
        for section, entities in old.items()
        if isinstance(entities, dict)
        for id_, entity in entities.items()
        if differ(entity, (new.get(section) or {}).get(id_))
    }
    splicer = Splicer(text, style, written)
    place = places_in(text, wanted)
    return splicer.appended(new) if place is None else splicer.changed(place, old, new)


def _entities_round_trip(text: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    """Entities with anchors and the like go a longer way; the lines of all others stay."""
    whole = _round_trip(text, old, new)
    place = places_in(whole, ())
    written: dict[Path, str] = {
        (section.key, entity.key): whole[entity.key_end : entity.value.end]
        for section in (place.entries if place is not None else [])
        for entity in section.value.entries
    }
    return _spliced(text, old, new, style_of(text), written)


def _entities_anew(text: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    """Entities with anchors and the like lose their comments; the lines of all others stay."""
    place, style = places_in(text, ()), style_of(text)
    written: dict[Path, str] = {
        (section.key, entity.key): ":" + yaml_render.block(new[section.key][entity.key], section.value.column, style)
        for section in (place.entries if place is not None else [])
        for entity in section.value.entries
        if entity.key in (new.get(section.key) or {})
    }
    return _spliced(text, old, new, style, written)


def _as_json(text: str, _: dict[str, Any], new: dict[str, Any]) -> str:
    """Text that is JSON as well, in lines. Raises ValueError."""
    json.loads(text)
    return edit_json(text, new)


def _round_trip(text: str, old: dict[str, Any], new: dict[str, Any]) -> str:
    return round_trip(text, old, new, style_of(text))


def _means(text: str, wanted: dict[str, Any]) -> bool:
    """Whether reading `text` gives what is wanted. Sections without entities count as absent."""
    try:
        found = parse(text.encode(), ".yaml")
    except DocumentError:
        return False
    value = found.value or {}
    return not found.problems and isinstance(value, dict) and canonical(_filled(value)) == canonical(_filled(wanted))


def _filled(value: dict[str, Any]) -> dict[str, Any]:
    return {section: content for section, content in value.items() if content}
