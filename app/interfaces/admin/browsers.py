"""Keeps pages in browsers away from the admin API: DNS rebinding and requests from other sites. Not for tokens."""

from collections.abc import Collection
from ipaddress import ip_address
from typing import Final

from starlette.datastructures import Headers

from app.interfaces.admin.problems import Refusal

_LOCAL: Final = frozenset({"localhost"})


class BrowserCheck:
    """Knows the names of this server. An address in Host is fine: no name was resolved, so none was rebound."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = _LOCAL | {name.lower().rstrip(".") for name in names}

    def check(self, headers: Headers) -> None:
        """Raises Refusal for a Host that is none of ours (421, RFC 9110 section 15.5.20) or a foreign Origin (403)."""
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(_host_of(hosts[0])):
            detail = "Host is no name of this server: use its address or localhost, or add the name to its settings"
            raise Refusal(421, "misdirected", "Misdirected request", detail)
        for origin in headers.getlist("origin"):
            if origin.partition("://")[2].lower() != hosts[0].lower():
                detail = "requests from pages of other origins are not served"
                raise Refusal(403, "origin_refused", "Origin refused", detail)

    def _is_ours(self, host: str) -> bool:
        return host in self._names or _is_address(host)


def _host_of(authority: str) -> str:
    host = authority.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].rstrip(".")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
