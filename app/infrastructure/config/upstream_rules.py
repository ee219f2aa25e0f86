"""Judges the addresses that urls of targets write out (A-67). Not for names: what they stand for shows at connect."""

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

from app.domain.policies.addresses import parse
from app.domain.policies.upstream_addresses import UpstreamRules

_PORTS = {"http": 80, "https": 443}


def target_check(rules: UpstreamRules) -> Callable[[str], str]:
    """The `target_problem` of Checks for these rules."""

    def problem(url: str) -> str:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port or _PORTS.get(parts.scheme)
        except ValueError:
            return ""
        address = _address(host or "")
        return rules.problem(address, port) if address and port else ""

    return problem


def _address(host: str) -> str:
    """The address that a host writes, also in the old ways that C libraries read (`0x7f.1`, `2130706433`)."""
    if parse(host) is not None:
        return host
    if not host or host[0] not in "0123456789":
        return ""
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return ""
