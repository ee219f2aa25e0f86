"""One look-up of a name the way this system does it: hosts file, then DNS. Not for caching: see resolver.py.

Name services that only the C library knows (LDAP, mDNS, systemd's) are asked only where resolv.conf names no server.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from app.domain.errors import ConnectFailed
from app.infrastructure.transport.dns_client import Answer, DnsClient, NoNameServers
from app.infrastructure.transport.hosts_file import HostsFile

Lookup = Callable[[str], Awaitable[Answer]]
"""The addresses of a host name. Raises ConnectFailed, with a detail that says which name and why."""

_HOSTS_TTL: Final = 1.0
"""Seconds after which a change of the hosts file is seen; looking costs one stat."""
_SYSTEM_TTL: Final = 5.0
"""Seconds for which an answer of the C library holds: it tells no TTL."""


class SystemLookup:
    """The `Lookup` of this machine."""

    def __init__(self, timeout: float, hosts: HostsFile | None = None, dns: DnsClient | None = None) -> None:
        """`timeout` in seconds is for each look-up."""
        self._timeout = timeout
        self._hosts = hosts or HostsFile()
        self._dns = dns or DnsClient(timeout)

    async def __call__(self, host: str) -> Answer:
        """See Lookup."""
        known = self._hosts.addresses(host)
        if known:
            return Answer(known, _HOSTS_TTL)
        try:
            return await self._dns.addresses(host)
        except NoNameServers:
            return await self._ask_system(host)

    async def _ask_system(self, host: str) -> Answer:
        try:
            async with asyncio.timeout(self._timeout):
                found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except TimeoutError:
            raise ConnectFailed(f"cannot resolve {host}: no answer within {self._timeout:g} s") from None
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a name that can be looked up"
            raise ConnectFailed(f"cannot resolve {host}: {(reason or str(error)).lower()}") from None
        # IPv4 first, as for DNS; the sort keeps the order within each family.
        found.sort(key=lambda entry: entry[0] != socket.AF_INET)
        return Answer(tuple(dict.fromkeys(str(entry[4][0]) for entry in found)), _SYSTEM_TTL)
