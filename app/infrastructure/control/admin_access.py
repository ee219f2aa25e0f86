"""Finds the gateway that a command means, and the token for it. Not for asking it: `admin_client`."""

import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from app.domain.admin_ports import AdminUnreachable, Where
from app.domain.policies.addresses import AddressSet
from app.infrastructure.control.admin_client import HttpAdminApi

DEFAULT: Final = "http://127.0.0.1:8001"
URL: Final = "GATEWAY_ADMIN_URL"
CA: Final = "GATEWAY_ADMIN_CA"
TOKEN: Final = "GATEWAY_ADMIN_TOKEN"  # noqa: S105  # the name of a variable
READ_TOKEN: Final = "GATEWAY_ADMIN_READ_TOKEN"  # noqa: S105  # the name of a variable

_LARGEST: Final = 4096
_LOOPBACK: Final = AddressSet(["127.0.0.0/8", "::1/128"])


def open_admin(where: Where, environment: Mapping[str, str], kept: Callable[[], str]) -> HttpAdminApi:
    """The admin API that `where`, else the environment, else the default names.

    `kept` gives the token that the gateway of this machine made for itself, empty when there is none; it raises
    ValueError with what to do. That token is sent to this machine only. Raises AdminUnreachable.
    """
    server = _server(where.server or environment.get(URL, "").strip() or DEFAULT)
    token = _given_token(where, environment)
    if not token and _is_here(server):
        token = _kept_token(kept)
    return HttpAdminApi(server, token, _verify(where.ca or environment.get(CA, "").strip()))


def _server(url: str) -> str:
    expected = f"{url}: expected http://host:port or https://host:port"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        usable = False
    else:
        usable = bool(usable) and not parts.query and not parts.fragment and url.isascii() and url.isprintable()
    if not usable or " " in url:
        raise AdminUnreachable(expected)
    return url


def _given_token(where: Where, environment: Mapping[str, str]) -> str:
    if where.token_file:
        return _from_file(Path(where.token_file))
    for name in (TOKEN, READ_TOKEN):
        token = environment.get(name, "").strip()
        if token.startswith("file:/"):
            return _from_file(Path(token.removeprefix("file:")))
        if token:
            return _usable(token, name)
    return ""


def _kept_token(kept: Callable[[], str]) -> str:
    try:
        return kept()
    except ValueError as error:
        raise AdminUnreachable(str(error), f"or set {TOKEN}") from None


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            token = file.read(_LARGEST + 1).decode().strip()
    except OSError as error:
        raise AdminUnreachable(f"token file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise AdminUnreachable(f"token file {path}: is not text") from None
    if not token:
        raise AdminUnreachable(f"token file {path}: is empty")
    return _usable(token, f"token file {path}")


def _usable(token: str, place: str) -> str:
    if len(token) > _LARGEST or not token.isascii() or not token.isprintable() or " " in token:
        raise AdminUnreachable(f"{place}: expected one line of characters without blanks")
    return token


def _is_here(server: str) -> bool:
    host = urlsplit(server).hostname or ""
    return host == "localhost" or host in _LOOPBACK


def _verify(ca: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca or None)
    except OSError as error:  # ssl.SSLError is one
        raise AdminUnreachable(f"{ca}: cannot be used as CA: {error.strerror or error}") from None
