"""Finds everything wrong with a value that does not fit its type. Only called once something is known to be wrong."""

import types
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import msgspec

from app.infrastructure.config.field_path import Found, Path
from app.infrastructure.config.units_codec import from_text
from app.infrastructure.config.wording import mismatch, one_of, shown, unknown

MOST_FOUND: Final = 100
"""Problems of one mapping or list after which the rest of it is not looked at: finding them takes time."""


def diagnose(annotation: Any, value: object, path: Path = ()) -> list[Found]:
    """Every problem of `value` as an `annotation`, the innermost ones only; empty when it fits."""
    return _inside(annotation, value, path) or _itself(annotation, value, path)


def _inside(annotation: Any, value: object, path: Path) -> list[Found]:
    kind = _bare(annotation)
    origin = get_origin(kind)
    found: list[Found] = []
    if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        found = _struct(kind, value, path)
    elif isinstance(value, dict) and origin is dict:
        found = _each(value.items(), get_args(kind)[1], path)
    elif isinstance(value, list) and origin is tuple:
        found = _each(enumerate(value), get_args(kind)[0], path)
    return found


def _each(items: Iterable[tuple[str | int, object]], kind: Any, path: Path) -> list[Found]:
    found: list[Found] = []
    for place, item in items:
        found += diagnose(kind, item, (*path, place))
        if len(found) >= MOST_FOUND:
            break
    return found


def _struct(kind: type[msgspec.Struct], value: Mapping[str, object], path: Path) -> list[Found]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    found: list[Found] = []
    for key, item in value.items():
        if key in fields:
            found += diagnose(fields[key].type, item, (*path, key))
        else:
            found.append(((*path, key), unknown("key", key, fields)))
        if len(found) >= MOST_FOUND:
            return found
    for name, field in fields.items():
        if field.required and name not in value:
            found.append(((*path, name), "is missing"))
    return found


def _itself(annotation: Any, value: object, path: Path) -> list[Found]:
    try:
        msgspec.convert(value, annotation, dec_hook=from_text)
    except msgspec.ValidationError as error:
        return [(path, _reason(annotation, value, str(error)))]
    return []


def _reason(annotation: Any, value: object, message: str) -> str:
    kind = _bare(annotation)
    if get_origin(kind) is Literal:
        return one_of(get_args(kind), value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return one_of((choice.value for choice in kind), value)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return f"expected a mapping, got {shown(value)}"
    return mismatch(message, value)


def _bare(annotation: Any) -> Any:
    """The type without its constraints, and without None beside it."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _bare(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return _bare(kinds[0]) if len(kinds) == 1 else annotation
    return annotation
