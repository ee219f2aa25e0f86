"""Finds everything wrong with a value that does not fit its type. Only called once something is known to be wrong."""

import types
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from app.infrastructure.config.field_path import Found, Path
from app.infrastructure.config.units_codec import from_text
from app.infrastructure.config.wording import mismatch, one_of, shown, unknown


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
        for key, item in value.items():
            found += diagnose(get_args(kind)[1], item, (*path, key))
    elif isinstance(value, list) and origin is tuple:
        for index, item in enumerate(value):
            found += diagnose(get_args(kind)[0], item, (*path, index))
    return found


def _struct(kind: type[msgspec.Struct], value: Mapping[str, object], path: Path) -> list[Found]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    found: list[Found] = []
    for key, item in value.items():
        if key in fields:
            found += diagnose(fields[key].type, item, (*path, key))
        else:
            found.append(((*path, key), unknown("key", key, fields)))
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
