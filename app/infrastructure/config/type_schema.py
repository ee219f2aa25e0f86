"""JSON Schema for one type, from what msgspec knows of it. msgspec's own cannot write defaults in units.

Not for the file as a whole.
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import inspect

from app.domain.entities.units import Duration, Rate, Share, Size
from app.infrastructure.config.field_docs import class_doc, field_docs
from app.infrastructure.config.units_codec import to_text

Schema = dict[str, Any]

_REFERENCE: Final = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.*)$"
"""Any text may stand elsewhere (see `secrets`)."""
_UNITS: Final[dict[type, tuple[str, list[str]]]] = {
    Duration: (r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$", ["250ms", "5s", "1h30m"]),
    Size: (r"^[0-9]+(B|KiB|MiB|GiB|KB|MB|GB)?$", ["512B", "64KiB", "10MiB"]),
    Rate: (r"^[1-9][0-9]*/(s|sec|second|m|min|minute|h|hour|d|day|month)$", ["100/s", "1000/min", "5000/day"]),
    Share: (r"^[0-9]+(\.[0-9]+)?%$", ["20%"]),
}
_PLAIN: Final[dict[type[inspect.Type], Schema]] = {
    inspect.AnyType: {},
    inspect.BoolType: {"type": "boolean"},
    inspect.NoneType: {"type": "null"},
}


class Schemas:
    """Makes schemas; those of structs and units gather in `definitions`, by name."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}
        self._makers: Final[dict[type[inspect.Type], Callable[[Any], Schema]]] = {
            inspect.StructType: self._struct,
            inspect.DictType: lambda info: {"type": "object", "additionalProperties": self.of(info.value_type)},
            inspect.VarTupleType: self._list,
            inspect.UnionType: lambda info: {"anyOf": [self.of(one) for one in info.types]},
            inspect.LiteralType: lambda info: {"enum": list(info.values)},
            inspect.EnumType: lambda info: {"enum": [choice.value for choice in info.cls], "description": _doc(info)},
            inspect.CustomType: self._unit,
            inspect.StrType: _text,
            inspect.IntType: lambda info: _filled("integer", minimum=info.ge, maximum=info.le),
        }

    def of(self, info: inspect.Type) -> Schema:
        """The schema of a type. Raises KeyError for one that no entity uses."""
        kind = type(info)
        return dict(_PLAIN[kind]) if kind in _PLAIN else self._makers[kind](info)

    def _struct(self, info: inspect.StructType) -> Schema:
        name = info.cls.__name__
        if name not in self.definitions:
            docs = field_docs(info.cls)
            self.definitions[name] = {
                "description": _doc(info),
                "type": "object",
                "properties": {field.encode_name: self._field(field, docs) for field in info.fields},
                "required": [field.encode_name for field in info.fields if field.required],
                "additionalProperties": False,
            }
        return {"$ref": f"#/$defs/{name}"}

    def _field(self, field: inspect.Field, docs: dict[str, str]) -> Schema:
        schema = self.of(field.type)
        if field.name in docs:
            schema["description"] = docs[field.name]
        if not field.required and not isinstance(field.type, inspect.StructType):
            default = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
            schema["default"] = msgspec.json.decode(msgspec.json.encode(default, enc_hook=to_text))
        return schema

    def _unit(self, info: inspect.CustomType) -> Schema:
        name = info.cls.__name__
        pattern, examples = _UNITS[info.cls]
        alternatives = [{"pattern": pattern}, {"pattern": _REFERENCE}]
        self.definitions[name] = {"type": "string", "examples": examples, "anyOf": alternatives}
        return {"$ref": f"#/$defs/{name}"}

    def _list(self, info: inspect.VarTupleType) -> Schema:
        return {"type": "array", "items": self.of(info.item_type), **_given(minItems=info.min_length)}


def _doc(info: inspect.StructType | inspect.EnumType) -> str:
    return class_doc(info.cls)


def _text(info: inspect.StrType) -> Schema:
    if info.pattern is None:
        return {"type": "string"}
    return {"type": "string", "anyOf": [{"pattern": info.pattern}, {"pattern": _REFERENCE}]}


def _filled(kind: str, **limits: Any) -> Schema:
    return {"type": kind, **_given(**limits)}


def _given(**limits: Any) -> Schema:
    return {name: limit for name, limit in limits.items() if limit is not None}
