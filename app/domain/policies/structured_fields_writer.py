"""Writes structured field values in their one canonical form (RFC 9651 section 4.1). Not for reading them."""

import base64
import re
from decimal import Decimal
from typing import Final

from app.domain.policies.structured_fields import BareItem, Date, Dictionary, InnerList, Item, Parameters, Token

_KEY: Final = re.compile(r"[a-z*][a-z0-9_.*-]*")
_LARGEST: Final = 999_999_999_999_999


def dictionary(members: Dictionary) -> str:
    """Raises ValueError for what has no form: keys with capitals, strings that are not printable ASCII."""
    return ", ".join(_member(key, member) for key, member in members.items())


def item(value: Item) -> str:
    """Raises ValueError."""
    return bare(value.value) + parameters(value.params)


def inner_list(value: InnerList) -> str:
    """Raises ValueError."""
    return f"({' '.join(map(item, value.items))}){parameters(value.params)}"


def parameters(params: Parameters) -> str:
    """With a semicolon before each; true stands for itself. Raises ValueError."""
    return "".join(
        f";{key(name)}" if value is True else f";{key(name)}={bare(value)}" for name, value in params.items()
    )


def key(text: str) -> str:
    """`text`, if it is a key. Raises ValueError."""
    if not _KEY.fullmatch(text):
        raise ValueError(f"{text!r} is no key of a structured field")
    return text


def bare(value: BareItem) -> str:
    """A value without parameters. Raises ValueError."""
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, int):
        return f"@{_integer(value)}" if isinstance(value, Date) else _integer(value)
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, bytes):
        return f":{base64.b64encode(value).decode()}:"
    return str(value) if isinstance(value, Token) else _string(value)


def _member(name: str, member: Item | InnerList) -> str:
    if isinstance(member, InnerList):
        return f"{key(name)}={inner_list(member)}"
    if member.value is True:
        return key(name) + parameters(member.params)
    return f"{key(name)}={item(member)}"


def _integer(value: int) -> str:
    if abs(value) > _LARGEST:
        raise ValueError("an integer has at most 15 digits")
    return str(int(value))


def _decimal(value: Decimal) -> str:
    text = f"{value:.3f}".rstrip("0")
    if len(text.partition(".")[0].lstrip("-")) > 12:
        raise ValueError("a decimal has at most 12 digits before its point")
    return f"{text}0" if text.endswith(".") else text


def _string(text: str) -> str:
    if not (text.isascii() and (text.isprintable() or not text)):
        raise ValueError("a string is printable ASCII")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
