"""What every configured thing is made of: strict, frozen, cheap. Not for any one of them."""

import msgspec


class Entity(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True, gc=False):
    """What every configured thing may carry. A tree, so that the collector of cycles need not look at it."""

    description: str = ""
    tags: tuple[str, ...] = ()
    enabled: bool = True


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A part of an entity; unknown keys are errors."""


def without(value: msgspec.Struct, *secret: str) -> str:
    """What `repr` says of a value with secret fields. References show: they tell nothing."""
    fields = ((name, getattr(value, name)) for name in value.__struct_fields__)
    shown = (
        f"{name}={'…' if name in secret and type(field) is str and field else repr(field)}" for name, field in fields
    )
    return f"{type(value).__name__}({', '.join(shown)})"
