"""Which URLs a webhook may have us read (A-67). Not for reading them, nor for the addresses behind their names."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

_URL: Final = re.compile(r"https?://[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*")
_PORTS: Final = {"http": 80, "https": 443}


class Place(msgspec.Struct, frozen=True):
    """A URL in parts that can be compared."""

    scheme: str
    host: str
    port: int
    segments: tuple[str, ...]
    """Of the path, as they are written."""
    query: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def path(self) -> str:
        """As it stands in the URL."""
        return "/" + "/".join(self.segments)

    @property
    def shown(self) -> str:
        """For people: without the query, which may hold a token."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def parse(url: str) -> Place:
    """The parts of `url`. Raises ValueError for what two readers might read in two ways."""
    if not _URL.fullmatch(url):
        raise ValueError("expected http:// or https:// and only characters of a URL (RFC 3986), without a fragment")
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except ValueError as error:
        raise ValueError(f"is no URL: {error}") from None
    host = _host(parts)
    return Place(parts.scheme, host, port, tuple((parts.path or "/")[1:].split("/")), parts.query)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if "@" in parts.netloc:
        raise ValueError("may not hold a user name or a password")
    if not _HOST.fullmatch(host):
        raise ValueError("expected the name or the address of a host")
    return host


class Sources:
    """The list of the settings: an entry that ends with `/` allows what is below it, another only itself."""

    def __init__(self, entries: Iterable[str]) -> None:
        """Raises ValueError that names the entry that cannot be used."""
        self._files: dict[Place, str] = {}
        self._prefixes: list[Place] = []
        for entry in entries:
            place = _entry(entry)
            if place.segments[-1]:
                self._files[place] = entry
            else:
                self._prefixes.append(place)

    @property
    def default(self) -> str:
        """What is read when a message names nothing: the first file of the list; empty when there is none."""
        return next(iter(self._files.values()), "")

    def problem(self, url: str) -> str:
        """Why `url` may not be read, empty when it may."""
        try:
            place = parse(url)
        except ValueError as error:
            return str(error)
        if place in self._files or any(_below(place, prefix) for prefix in self._prefixes):
            return ""
        return "is not allowed by GATEWAY_WEBHOOK_SOURCES"


def _entry(entry: str) -> Place:
    try:
        place = parse(entry)
    except ValueError as error:
        raise ValueError(f"{entry.partition('?')[0]}: {error}") from None
    if not place.segments[-1] and place.query:
        raise ValueError(f"{place.shown}: a prefix has no query")
    return place


def _below(place: Place, prefix: Place) -> bool:
    """Whether `place` is below the folder `prefix`, segment by segment, and cannot climb out of it."""
    depth = len(prefix.segments) - 1
    if place.origin != prefix.origin or place.segments[:depth] != prefix.segments[:-1]:
        return False
    rest = place.segments[depth:]
    return bool(rest) and all(map(_is_plain, rest))


def _is_plain(segment: str) -> bool:
    """Whether every server reads it as one segment: no dots that climb, no slash or percent sign behind an escape."""
    text = unquote(segment)
    return text not in ("", ".", "..") and not any(char in text for char in "/\\%") and text.isprintable()
