"""Makes the request that a client would send of a method, a URL and fields. For explaining, not for sending."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

import msgspec

from app.domain.entities.request import Request
from app.interfaces.asgi import Message, Scope
from app.interfaces.intake import Intake

_SCHEMES: Final = {"http": "http", "https": "http", "ws": "websocket", "wss": "websocket"}
_ASCII: Final = "".join(map(chr, range(128)))


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request that a client might send."""

    url: str
    """`http://host/path?query`, or a mere path, whose host is the field Host or `localhost`."""
    method: str = "GET"
    headers: dict[str, str | list[str]] = {}
    """A field that stands on several lines has a list of values."""


def headers_of(fields: Iterable[str]) -> dict[str, str | list[str]]:
    """The headers of a question, of lines `name: value`. Raises ValueError for a line that is none."""
    found: dict[str, list[str]] = {}
    for field in fields:
        name, colon, value = field.partition(":")
        if not colon or not name.strip():
            raise ValueError(f"expected 'name: value', got {field!r}")
        found.setdefault(name.strip(), []).append(value.strip())
    return dict(found)


def request_of(question: Question, intake: Intake) -> Request:
    """The request as the gateway reads it.

    Raises ValueError for a url that no client could send, and GatewayError when the gateway would refuse the request.
    """
    return intake.request(scope_of(question), _receive, _send)


def scope_of(question: Question) -> Scope:
    """The ASGI scope of a request. Raises ValueError.

    The bytes of the path stay as they are given, except that what is not ASCII is percent-encoded, as clients do.
    """
    scheme, authority, target = _split(question.url.partition("#")[0])
    path, _, query = target.partition("?")
    headers = _fields(question)
    if not any(name == b"host" for name, _ in headers):
        headers.insert(0, (b"host", (authority or "localhost").encode()))
    return {
        "type": _SCHEMES[scheme],
        "method": question.method,
        "scheme": scheme,
        "http_version": "1.1",
        "raw_path": quote(path, safe=_ASCII).encode(),
        "query_string": quote(query, safe=_ASCII).encode(),
        "headers": headers,
        "client": ("127.0.0.1", 0),
    }


def _fields(question: Question) -> list[tuple[bytes, bytes]]:
    return [
        (name.strip().lower().encode(), value.strip().encode())
        for name, values in question.headers.items()
        for value in ([values] if isinstance(values, str) else values)
    ]


def _split(url: str) -> tuple[str, str, str]:
    """Scheme, authority and target."""
    if url.startswith("/"):
        return "http", "", url
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _SCHEMES:
        raise ValueError(f"a url is a path, or starts with one of {', '.join(f'{one}://' for one in _SCHEMES)}")
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority, target = rest[:end], rest[end:]
    if not authority:
        raise ValueError(f"no host in url {url[:200]!r}")
    return scheme, authority, target if target.startswith("/") else f"/{target}"


async def _receive() -> Message:
    return {"type": "http.disconnect"}


async def _send(message: Message) -> None:
    """Nothing is sent to anybody."""
