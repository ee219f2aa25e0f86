"""Host patterns: one pattern by itself. Not for the authority of a request, which `hosts` makes canonical."""

from collections.abc import Iterator
from enum import IntEnum

import msgspec

from app.domain.errors import DownstreamError
from app.domain.policies.hosts import canonical_host
from app.domain.ports import RegexCompiler, RegexSearch


class HostKind(IntEnum):
    """In the order of specificity."""

    EXACT = 0
    SUFFIX = 1
    REGEX = 2
    ANY = 3


class HostPattern(msgspec.Struct, frozen=True, gc=False):
    """One pattern for hosts."""

    text: str
    """The pattern as it was written."""
    kind: HostKind
    value: str = ""
    """The host, the suffix without `*.`, or the expression."""
    regex: RegexSearch | None = None

    def matches(self, host: str) -> bool:
        """Whether a canonical host without port matches."""
        if self.kind is HostKind.EXACT:
            return host == self.value
        if self.kind is HostKind.SUFFIX:
            return host.endswith(f".{self.value}")
        return self.regex is None or bool(self.regex.fullmatch(host))


ANY_HOST = HostPattern("*", HostKind.ANY)


def parse_host(text: str, compile_regex: RegexCompiler) -> HostPattern:
    """Take a pattern apart. Raises ValueError with the reason for one that cannot be used."""
    if text == "*":
        return ANY_HOST
    if text.startswith("~"):
        return HostPattern(text, HostKind.REGEX, text[1:], compile_regex(text[1:]))
    kind = HostKind.SUFFIX if text.startswith("*.") else HostKind.EXACT
    name = text.lower().removeprefix("*.")
    if "*" in name:
        raise ValueError("* stands alone, or at the front for all labels before a suffix: *.example.org")
    if not name.isascii():
        raise ValueError("write an international name as it is on the wire, xn--…")
    if ":" in name and not name.startswith("["):
        raise ValueError("a host has no port here, and an IPv6 address stands in brackets")
    if kind is HostKind.SUFFIX and name.startswith("["):
        raise ValueError("an address has no subdomains")
    try:
        return HostPattern(text, kind, canonical_host(name))
    except DownstreamError as error:
        raise ValueError("expected a host such as api.example.com, *.example.com or [2001:db8::1]") from error


def suffixes(host: str) -> Iterator[str]:
    """What a `*.` pattern could end with, the longest first: `b.c`, then `c` for `a.b.c`."""
    dot = host.find(".")
    while dot >= 0:
        yield host[dot + 1 :]
        dot = host.find(".", dot + 1)
