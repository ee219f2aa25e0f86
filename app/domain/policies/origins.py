"""Origins of web pages (RFC 6454), and which of them a route trusts. Not for what is granted to them."""

import re
from collections.abc import Iterable
from typing import Final

_ORIGIN: Final = re.compile(
    r"([a-z][a-z0-9+.-]*)://((?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?"
)
_LABELS: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
_SCHEMES: Final = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
ANY: Final = "*"
NONE: Final = "null"
"""What browsers send for pages without an origin: of a file, or in a sandbox. Any site can make one."""


class Origins:
    """Asks `origin in origins`, of the text that a browser sends. An origin counts whole, never by a part of it.

    `https://*.example.com` stands for every name below example.com, not for example.com itself.
    """

    __slots__ = ("_any", "_below", "_exact")

    def __init__(self, patterns: Iterable[str]) -> None:
        """Raises ValueError for the first pattern that is no origin."""
        exact, below = set(), []
        for text in patterns:
            wrong = problem_of(text)
            if wrong:
                raise ValueError(f"{text!r} {wrong}")
            pattern = text if text in (ANY, NONE) else canonical(text)
            scheme, wild, rest = pattern.partition("://*")
            if wild:
                below.append((f"{scheme}://", rest))
            else:
                exact.add(pattern)
        self._any: Final = ANY in exact
        self._exact: Final = frozenset(exact - {ANY})
        self._below: Final = tuple(below)

    def __contains__(self, origin: str) -> bool:
        return origin in self._exact or (self._any and origin != NONE) or self._is_below(origin)

    def _is_below(self, origin: str) -> bool:
        for scheme, rest in self._below:
            if origin.startswith(scheme) and origin.endswith(rest):
                between = origin[len(scheme) : len(origin) - len(rest)]
                if _LABELS.fullmatch(between):
                    return True
        return False


def problem_of(pattern: str) -> str:
    """Why a pattern cannot be used; empty when it can."""
    if pattern in (ANY, NONE):
        return ""
    found = _ORIGIN.fullmatch(pattern.lower())
    if found is None or (found[3] and int(found[3]) > 65535):
        return "is no origin: expected one such as https://app.example.com, without a path or a slash at the end"
    host = found[2]
    if host.startswith("*.") and host.count(".") < 2 and host != "*.localhost":
        return "stands for every site of a top-level domain: name one more label"
    return ""


def canonical(origin: str) -> str:
    """An origin as browsers write it: in lower case, without the scheme's own port."""
    text = origin.lower()
    scheme, _, _ = text.partition("://")
    return text.removesuffix(f":{_DEFAULT_PORTS[scheme]}") if scheme in _DEFAULT_PORTS else text


def own_origin(scheme: str, authority: str) -> str:
    """The origin of pages that the gateway itself serves at `authority`; `scheme` may be that of a WebSocket."""
    return f"{_SCHEMES[scheme]}://{authority}"


def origin_of(url: str) -> str:
    """The origin of an absolute URL, of a Referer say; empty when it has none."""
    scheme, separator, rest = url.partition("://")
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    origin = f"{scheme}{separator}{authority}".lower()
    return canonical(origin) if "*" not in origin and _ORIGIN.fullmatch(origin) else ""
