"""If-Match and If-None-Match (RFC 9110 section 13): what must still be stored. Not for who compares at last: the store.

A single tag is handed to the store as it is, without a look at what is there now.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import unquote

from starlette.datastructures import Headers

from app.interfaces.admin.problems import precondition_failed

Current = Callable[[], Awaitable[str]]
"""The version that is stored now; empty when there is none."""

_TAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_CHANGED: Final = "it is not what If-Match names: read it again"


async def expected_version(headers: Headers, current: Current) -> str | None:
    """The version that must be stored when the change is written: "" for none, None for any. Raises Refusal (412)."""
    if "if-match" in headers:
        return await _matching(_list(headers, "if-match"), current)
    unwanted = _list(headers, "if-none-match")
    if unwanted == "*":
        return ""
    if unwanted:
        version = await current()
        if _is_in(version, unwanted, weak=True):
            raise precondition_failed("it is what If-None-Match names")
        return version
    return None


def not_modified(headers: Headers, version: str) -> bool:
    """Whether a reader already has this version (304)."""
    unwanted = _list(headers, "if-none-match")
    return unwanted == "*" or _is_in(version, unwanted, weak=True)


def has_preconditions(headers: Headers) -> bool:
    """Whether a conflict is a failed precondition."""
    return "if-match" in headers or "if-none-match" in headers


async def _matching(wanted: str, current: Current) -> str:
    tags = _tags(wanted, weak=False)
    if wanted != "*" and len(tags) == 1:
        return tags[0]
    version = await current()
    if not version or (wanted != "*" and version not in tags):
        raise precondition_failed(_CHANGED)
    return version


def _list(headers: Headers, name: str) -> str:
    return ", ".join(headers.getlist(name)).strip()


def _is_in(version: str, text: str, *, weak: bool) -> bool:
    return bool(version) and version in _tags(text, weak=weak)


def _tags(text: str, *, weak: bool) -> list[str]:
    """The versions that tags name; weak ones never match where a strong comparison is asked for."""
    return [unquote(value) for mark, value in _TAG.findall(text) if value and (weak or not mark)]
