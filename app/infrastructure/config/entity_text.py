"""Reads the text of one entity: JSON from a store that anybody may have written to. Not for what the values mean."""

from typing import Final, TypeVar

import msgspec

from app.infrastructure.config.documents import DocumentError, read_json
from app.infrastructure.config.plain import DEEPEST
from app.infrastructure.config.wording import shown

MOST_VALUES: Final = 10_000
"""Values of one entity, so that judging one takes a fraction of a second at most."""

_DIGITS_ALIKE: Final = bytes.maketrans(b"0123456789", b"0000000000")
_LONG_NUMBER: Final = b"0" * 19

_ANYTHING: Final = msgspec.json.Decoder()
_JSON: Final = msgspec.json.Encoder()

E = TypeVar("E")


def parse_entity(data: bytes) -> object:
    """The document in `data`. Raises DocumentError, also for what JSON leaves open: a key twice, NaN (RFC 8259)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"byte {error.start + 1} is not UTF-8 text") from None
    if not text.strip():
        raise DocumentError("is empty: expected an entity as JSON")
    try:
        value, twice = read_json(text)
    except RecursionError:
        raise DocumentError("is nested too deeply") from None
    if twice:
        raise DocumentError(f"key {shown(twice[0])} stands twice in one object")
    return value


def read_plain(data: bytes, decoder: msgspec.json.Decoder[E]) -> E | None:
    """The entity in `data` when nothing in it needs a closer look, else None: the short way, which most entities go.

    A closer look is due for references, escapes, deep nesting, very many values and large numbers. Without
    escapes a text holds no quotes, so that keys that stand twice show in the number of quotes.
    """
    if b"\\" in data or b"env:" in data or b"file:/" in data or data.count(b",") >= MOST_VALUES // 2:
        return None
    if data.count(b"{") + data.count(b"[") >= DEEPEST or _LONG_NUMBER in data.translate(_DIGITS_ALIKE):
        return None
    try:
        entity = decoder.decode(data)
        once = _JSON.encode(_ANYTHING.decode(data))
    except (ValueError, RecursionError):
        return None
    return entity if once.count(b'"') == data.count(b'"') else None
