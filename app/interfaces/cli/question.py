"""Makes the request that a client would send of METHOD, URL and fields on the command line."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

import click

from app.domain.entities.request import Request
from app.interfaces.asgi import Message, Scope
from app.interfaces.intake import Intake

_SCHEMES: Final = {"http": "http", "https": "http", "ws": "websocket", "wss": "websocket"}
_ASCII: Final = "".join(map(chr, range(128)))


def question(intake: Intake, method: str, url: str, fields: Sequence[str]) -> Request:
    """The request as the gateway would read it. Raises GatewayError when it would refuse it."""
    return intake.request(scope_of(method, url, fields), _receive, _send)


def scope_of(method: str, url: str, fields: Sequence[str]) -> Scope:
    """The ASGI scope of the request. Raises click.BadParameter.

    The bytes of the path stay as they are given, except that what is not ASCII is percent-encoded, as clients do.
    """
    scheme, authority, target = _split(url)
    path, _, query = target.partition("?")
    headers = [_field(field) for field in fields]
    if not any(name == b"host" for name, _ in headers):
        headers.insert(0, (b"host", (authority or "localhost").encode()))
    return {
        "type": _SCHEMES[scheme],
        "method": method,
        "scheme": scheme,
        "http_version": "1.1",
        "raw_path": quote(path, safe=_ASCII).encode(),
        "query_string": quote(query, safe=_ASCII).encode(),
        "headers": headers,
        "client": ("127.0.0.1", 0),
    }


def _split(url: str) -> tuple[str, str, str]:
    """Scheme, authority and target; a URL may be a mere path."""
    url = url.partition("#")[0]
    if url.startswith("/"):
        return "http", "", url
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "http", url
    scheme = scheme.lower()
    if scheme not in _SCHEMES:
        raise click.BadParameter(f"the scheme is one of {', '.join(_SCHEMES)}, not {scheme!r}", param_hint="URL")
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority, target = rest[:end], rest[end:]
    if not authority:
        raise click.BadParameter(f"no host in {url!r}", param_hint="URL")
    return scheme, authority, target if target.startswith("/") else f"/{target}"


def _field(text: str) -> tuple[bytes, bytes]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise click.BadParameter(f"expected 'name: value', got {text!r}", param_hint="-H")
    return name.strip().lower().encode(), value.strip().encode()


async def _receive() -> Message:
    return {"type": "http.disconnect"}


async def _send(message: Message) -> None:
    """Nothing is sent to anybody."""
