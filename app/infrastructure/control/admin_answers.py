"""Reads the answers of the admin API, good and bad. Not for asking."""

import re
from typing import Any, Final, TypeVar

import httpx
import msgspec

from app.domain.admin_ports import AdminConflict, AdminLacks, AdminRefused, AdminUnreachable
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import Document, Revision, StoredEntity

T = TypeVar("T")


_KINDS: Final = {"not_found": AdminLacks, "conflict": AdminConflict, "precondition_failed": AdminConflict}
"""Codes of the refusals that callers tell apart."""


class Item(msgspec.Struct, frozen=True):
    """One entity of a list."""

    id: str
    document: Document
    version: str


class Page(msgspec.Struct, frozen=True):
    """A part of a list; `next` is empty on the last one."""

    items: list[Item]
    next: str = ""


class Revisions(msgspec.Struct, frozen=True):
    """The history."""

    items: list[Revision]


class _Problem(msgspec.Struct, frozen=True):
    """RFC 9457, with the problems of a configuration."""

    title: str = ""
    detail: str = ""
    code: str = ""
    problems: list[ConfigProblem] = []


def decoded(response: httpx.Response, kind: type[T]) -> T:
    """The content of a good answer. Raises what `check` raises, and AdminUnreachable for what is something else."""
    check(response)
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _no_admin_api(response, str(error)) from None


def entity(response: httpx.Response) -> StoredEntity:
    """One entity, with its version from ETag."""
    document: Any = decoded(response, object)
    return StoredEntity(document, version(response))


def version(response: httpx.Response) -> str:
    """The opaque tag of ETag (RFC 9110 section 8.8.3), empty without one."""
    found = re.fullmatch(r'(?:W/)?"([^"]*)"', response.headers.get("etag", ""))
    return found[1] if found else ""


def revision(response: httpx.Response) -> int:
    """The number in X-Gateway-Revision, 0 without one."""
    text = response.headers.get("x-gateway-revision", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def check(response: httpx.Response) -> None:
    """Raises AdminRefused or AdminUnreachable for an answer that is not good."""
    if response.is_success:
        return
    if response.status_code in (401, 403):
        raise AdminUnreachable(*_credentials(response))
    if response.is_redirect:
        raise _no_admin_api(response, "it redirects")
    problem = _problem(response)
    if problem is None:
        raise _no_admin_api(response, "no reason is given")
    kind = _KINDS.get(problem.code, AdminRefused)
    raise kind(problem.detail or problem.title or f"answers {response.status_code}", problem.problems)


def _problem(response: httpx.Response) -> _Problem | None:
    try:
        return msgspec.json.decode(response.content, type=_Problem)
    except (msgspec.DecodeError, RecursionError):
        return None


def _credentials(response: httpx.Response) -> list[str]:
    where = _origin(response)
    if response.status_code == 403:
        problem = _problem(response)
        return [f"{where}: forbidden: {problem.detail if problem else 'no reason is given'}"]
    given = "authorization" in response.request.headers
    return [
        f"{where}: {'the token is not the right one' if given else 'a token is needed'}",
        "set GATEWAY_ADMIN_TOKEN, or name a file that holds it by --token-file",
    ]


def _no_admin_api(response: httpx.Response, why: str) -> AdminUnreachable:
    return AdminUnreachable(
        f"{_origin(response)}: {response.request.url.path} answers {response.status_code}: {why}",
        "is that the admin API? name it by --server or GATEWAY_ADMIN_URL",
    )


def _origin(response: httpx.Response) -> str:
    url = response.request.url
    return f"{url.scheme}://{url.netloc.decode()}"
