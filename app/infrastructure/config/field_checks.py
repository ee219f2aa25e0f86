"""Whether single values can be used: URLs, authorities, field names. Each check answers what is wrong, or nothing.

Not for what an entity as a whole must be.
"""

import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv6Address
from pathlib import Path as FilePath
from typing import Final
from urllib.parse import urlsplit

from app.infrastructure.config.field_path import Found, Path

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NAME: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_ID: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,128}")


def id_problem(text: str) -> str:
    """Ids stand in logs, metrics and on command lines."""
    if _ID.fullmatch(text) and text.isprintable():
        return ""
    return "an id has 1 to 128 printable characters and no blanks"


def origin_problem(url: str) -> str:
    """A target is scheme, host and port; everything else of a request's URL comes from the request."""
    expected = f"expected http://host:port or https://host:port, got {url!r}"
    if not _plain(url):
        return f"{expected}: printable ASCII without blanks (international names in their xn-- form)"
    try:
        parts = urlsplit(url)
    except ValueError:
        return expected
    if parts.scheme not in ("http", "https"):
        return expected
    if "@" in parts.netloc:
        return "a target holds no user name and password; set the field authorization by the filter headers"
    if parts.path not in ("", "/") or "?" in url or "#" in url:
        return f"{expected}: a target has no path and no query (rewrite.add_prefix puts a path in front)"
    reason = authority_problem(parts.netloc)
    return f"{expected}: {reason}" if reason else ""


def authority_problem(text: str) -> str:
    """`host`, `host:port`, `[v6]` or `[v6]:port`."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, colon, port = text, "", ""
    if colon and not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) <= 65535):
        return "the port is a number between 1 and 65535"
    return host_problem(host)


def host_problem(host: str) -> str:
    """A name in ASCII, an IPv4 address, or an IPv6 address in brackets."""
    if host.startswith("[") and host.endswith("]"):
        try:
            scoped = IPv6Address(host[1:-1]).scope_id
        except ValueError:
            return "the brackets hold no IPv6 address"
        return "an IPv6 address of a configuration has no zone" if scoped else ""
    if not host:
        return "the host is missing"
    if len(host) > 253 or not _NAME.fullmatch(host) or ".." in host:
        return "the host is no name and no address"
    return ""


def field_names(fields: Mapping[str, str], path: Path) -> list[Found]:
    """Names of header fields are tokens (RFC 9110 section 5.1), the same in upper and lower case."""
    found: list[Found] = []
    seen: dict[str, str] = {}
    for name in fields:
        if not _TOKEN.fullmatch(name):
            found.append(((*path, name), "is no field name"))
        elif name.lower() in seen:
            found.append(((*path, name), f"is the same field as {seen[name.lower()]}"))
        seen[name.lower()] = name
    return found


def field_values(fields: Mapping[str, str], path: Path) -> list[Found]:
    """Values that a message can carry."""
    return [
        ((*path, name), f"expected printable ASCII without blanks around it, got {value!r}")
        for name, value in fields.items()
        if not (value.isascii() and value.isprintable() and value == value.strip())
    ]


def positive(limits: Iterable[tuple[str, str, float | None]]) -> list[Found]:
    """Limits that nothing could keep if they were 0; None sets none."""
    return [
        ((group, name), "expected more than 0, with which nothing would ever pass")
        for group, name, value in limits
        if value is not None and value <= 0
    ]


def files(named: Iterable[tuple[Path, str]]) -> list[Found]:
    """Files that must be there; an empty name names none."""
    found: list[Found] = []
    for path, name in named:
        if not name:
            continue
        try:
            with FilePath(name).open("rb"):
                pass
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no file has such a name"
            found.append((path, f"file {name!r} cannot be read: {reason}"))
    return found


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text and "\\" not in text
