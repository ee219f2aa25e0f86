"""Asks the name servers of resolv.conf for the addresses of a name. Not for caching, hosts files or other records.

The wire is dnspython's; here is only which questions are asked and what their answers mean together.
"""

import asyncio
from typing import Final, NamedTuple

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver

from app.domain.errors import ConnectFailed
from app.infrastructure.transport.file_stamp import Stamp, file_stamp

RESOLV_CONF: Final = "/etc/resolv.conf"

_GRACE: Final = 0.25
"""Seconds that IPv6 addresses may be late: some servers never answer for AAAA, and IPv4 must not wait for them."""


class Answer(NamedTuple):
    """Addresses of a name, at least one, and for how many seconds they hold."""

    addresses: tuple[str, ...]
    ttl: float


class NoNameServers(Exception):
    """resolv.conf is missing, cannot be read, or names no server."""


_Found = dns.resolver.Answer | dns.exception.DNSException


class DnsClient:
    """Questions to the servers of one resolv.conf (its search list, ndots and rotate too), read again when changed."""

    def __init__(self, timeout: float, path: str = RESOLV_CONF, port: int = 53) -> None:
        """`timeout` in seconds is for the whole of one `addresses`, whatever number of servers is tried."""
        self._timeout = timeout
        self._path = path
        self._port = port
        self._stamp: Stamp = None
        self._servers: dns.asyncresolver.Resolver | None = None

    async def addresses(self, host: str) -> Answer:
        """The addresses of `host`, IPv4 first because it is what works everywhere, each family in DNS order.

        Raises NoNameServers, and ConnectFailed that tells an unknown name, a failed server and silence apart.
        """
        servers = self._configured()
        async with asyncio.TaskGroup() as tasks:
            ipv4 = tasks.create_task(self._ask(servers, host, dns.rdatatype.A))
            ipv6 = tasks.create_task(self._ask(servers, host, dns.rdatatype.AAAA))
            await asyncio.wait((ipv4,))
            if isinstance(ipv4.result(), dns.resolver.Answer):
                await asyncio.wait((ipv6,), timeout=_GRACE)
                ipv6.cancel()
            else:
                await asyncio.wait((ipv6,))
        return self._merge(host, ipv4.result(), None if ipv6.cancelled() else ipv6.result())

    async def _ask(self, servers: dns.asyncresolver.Resolver, host: str, kind: dns.rdatatype.RdataType) -> _Found:
        try:
            return await servers.resolve(host, kind, search=True, lifetime=self._timeout)
        except dns.exception.DNSException as error:
            return error

    def _merge(self, host: str, ipv4: _Found, ipv6: _Found | None) -> Answer:
        if isinstance(ipv4, dns.resolver.Answer):
            # The search list may have led the two questions to different names.
            if isinstance(ipv6, dns.resolver.Answer) and ipv6.qname == ipv4.qname:
                return _answer(ipv4, ipv6)
            return _answer(ipv4)
        if isinstance(ipv6, dns.resolver.Answer):
            # Half an answer is asked for again soon: without IPv4 it may be of no use here.
            whole = isinstance(ipv4, dns.resolver.NoAnswer)
            return _answer(ipv6) if whole else _answer(ipv6)._replace(ttl=0)
        error = ipv6 if ipv6 and isinstance(ipv4, dns.resolver.NoAnswer) else ipv4
        raise ConnectFailed(f"cannot resolve {host}: {self._reason(error)}")

    def _reason(self, error: dns.exception.DNSException) -> str:
        match error:
            case dns.resolver.NXDOMAIN():
                return "the name does not exist"
            case dns.resolver.NoAnswer():
                return "the name has no address"
            case dns.exception.Timeout():
                return f"no answer from the name servers within {self._timeout:g} s"
            case dns.resolver.NoNameservers():
                causes = dict.fromkeys(
                    f"{server.removeprefix('Do53:')} said {what}" for server, _, _, what, _ in error.kwargs["errors"]
                )
                return f"the name servers failed ({'; '.join(causes)})"
        return f"not a name that can be looked up ({error})"

    def _configured(self) -> dns.asyncresolver.Resolver:
        stamp = file_stamp(self._path)
        if self._servers is None or stamp != self._stamp:
            try:
                servers = dns.asyncresolver.Resolver(self._path)
            except (dns.exception.DNSException, OSError, ValueError) as error:
                self._servers = None
                raise NoNameServers(str(error)) from None
            servers.port = self._port
            # One silent server leaves time for each of the others, and a lost datagram for another try.
            servers.timeout = min(servers.timeout, self._timeout / (len(servers.nameservers) + 1))
            self._servers, self._stamp = servers, stamp
        return self._servers


def _answer(*found: dns.resolver.Answer) -> Answer:
    addresses = tuple(record.address for answer in found for record in answer)
    return Answer(addresses, min(answer.chaining_result.minimum_ttl for answer in found))
