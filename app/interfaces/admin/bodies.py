"""Reads the bodies of requests: bounded, of a known type, plain JSON values whatever that is. Not their meaning."""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from app.domain.entities.config import ConfigError
from app.interfaces.admin.problems import Refusal, invalid

LARGEST: Final = 10 * 1024 * 1024
"""Bytes of a body."""
DEEPEST: Final = 64
_SLOWEST: Final = 30.0
"""Seconds in which a whole body must come."""
_NUMBERS: Final = range(-(2**63), 2**64)

JSON: Final = ("application/json",)
MERGE_PATCH: Final = ("application/merge-patch+json", "application/json")
SUFFIXES: Final = {
    "application/json": ".json",
    "application/yaml": ".yaml",
    "application/x-yaml": ".yaml",
    "text/yaml": ".yaml",
}
"""The types of a whole configuration (RFC 9512 for YAML)."""

Parse = Callable[[bytes, str], object]
"""Parses YAML; the second argument is the suffix of such a file. Raises ConfigError."""


async def read_json(request: Request, types: Collection[str] = JSON) -> Any:
    """The value of a JSON body. Raises Refusal."""
    _type_of(request, types)
    return await asyncio.to_thread(_parsed, await _read(request), _json)


async def read_document(request: Request, parse: Parse) -> Any:
    """The value of a JSON or YAML body. Raises Refusal."""
    suffix = SUFFIXES[_type_of(request, SUFFIXES)]
    data = await _read(request)
    if suffix == ".json":
        return await asyncio.to_thread(_parsed, data, _json)
    try:
        return await asyncio.to_thread(_parsed, data, lambda text: parse(text, suffix))
    except ConfigError as error:
        raise invalid(error.problems) from None


def _type_of(request: Request, types: Collection[str]) -> str:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in types:
        wanted = ", ".join(types)
        field = "accept-patch" if request.method == "PATCH" else "accept"
        detail = f"expected content-type {wanted}, got {given[:60] or 'none'}"
        raise Refusal(415, "unsupported_type", "Unsupported media type", detail, headers={field: wanted})
    return given


async def _read(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and len(declared) < 20 and int(declared) > LARGEST:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(_SLOWEST):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST:
                    raise _too_large()
    except TimeoutError:
        raise Refusal(408, "timeout", "Body too slow", f"the body did not come within {_SLOWEST:g} seconds") from None
    except ClientDisconnect:
        raise _bad("the body is incomplete") from None
    return bytes(body)


def _too_large() -> Refusal:
    return Refusal(413, "too_large", "Body too large", f"a body has at most {LARGEST} bytes")


def _parsed(data: bytes, parse: Callable[[bytes], object]) -> object:
    try:
        value = parse(data)
        _check(value)
    except RecursionError:
        raise _bad(f"nested more than {DEEPEST} levels deep") from None
    except ValueError as error:
        raise _bad(str(error)) from None
    return value


def _json(data: bytes) -> object:
    """Strict where Python's parser is not: UTF-8, no duplicate keys, no NaN."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise ValueError(f"key {twice[:60]!r} stands twice in one object")
    return made


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _check(value: object) -> None:
    """Raises ValueError for what could not be written down as JSON again."""
    todo = [(value, 0)]
    while todo:
        one, depth = todo.pop()
        if depth > DEEPEST:
            raise ValueError(f"nested more than {DEEPEST} levels deep")
        if isinstance(one, dict):
            todo += [(name, depth + 1) for name in one]
            todo += [(inner, depth + 1) for inner in one.values()]
        elif isinstance(one, list):
            todo += [(inner, depth + 1) for inner in one]
        else:
            _check_scalar(one)


def _check_scalar(value: object) -> None:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("a text holds half of a surrogate pair") from None
    elif isinstance(value, int | float):
        if not (math.isfinite(value) if isinstance(value, float) else value in _NUMBERS):
            raise ValueError("a number is too large")
    elif value is not None:
        raise ValueError(f"expected text, a number, a list or a mapping, got a {type(value).__name__}")


def _bad(detail: str) -> Refusal:
    return Refusal(400, "bad_body", "Bad body", f"the body cannot be read: {detail}")
