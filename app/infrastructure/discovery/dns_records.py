"""Asks the name servers of resolv.conf for the records of a name. Not for what they mean as targets.

Tells apart an authoritative "there is none" from a question that failed; the wire is dnspython's.
"""

from typing import Any, Final, NamedTuple

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver

from app.infrastructure.discovery.sources import DiscoveryFailed

RESOLV_CONF: Final = "/etc/resolv.conf"


class Records(NamedTuple):
    """What a name has."""

    records: tuple[Any, ...]
    """dnspython's records, in the order of the answer; empty when there are none, or the name does not exist."""
    ttl: float
    """Seconds for which that holds; 0 for what nobody said."""


class DnsRecords:
    """Questions to the servers of one resolv.conf, its search list and all; the file is read for each question."""

    def __init__(self, timeout: float = 2.0, path: str = RESOLV_CONF, port: int = 53) -> None:
        """`timeout` in seconds is for the whole of one question, whatever number of servers is tried."""
        self._timeout = timeout
        self._path = path
        self._port = port

    async def ask(self, name: str, kind: str) -> Records:
        """The records of `kind` (`A`, `AAAA`, `SRV`). Raises DiscoveryFailed when the servers do not say."""
        try:
            answer = await self._servers().resolve(name, kind, search=True, lifetime=self._timeout)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return Records((), 0.0)
        except dns.exception.Timeout:
            raise DiscoveryFailed(f"no name server answers for {name} {kind} within {self._timeout:g} s") from None
        except dns.resolver.NoNameservers as error:
            raise DiscoveryFailed(f"the name servers fail for {name} {kind} ({_causes(error)})") from None
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise DiscoveryFailed(f"{name} {kind} cannot be looked up: {error}") from None
        return Records(tuple(answer), float(answer.chaining_result.minimum_ttl))

    def _servers(self) -> dns.asyncresolver.Resolver:
        """Raises DNSException or OSError for a resolv.conf that names no server."""
        servers = dns.asyncresolver.Resolver(self._path)
        servers.port = self._port
        # One silent server leaves time for each of the others, and a lost datagram for another try.
        servers.timeout = min(servers.timeout, self._timeout / (len(servers.nameservers) + 1))
        return servers


def _causes(error: dns.resolver.NoNameservers) -> str:
    errors = error.kwargs["errors"]
    return "; ".join(
        dict.fromkeys(f"{str(server).removeprefix('Do53:')} said {what}" for server, _, _, what, _ in errors)
    )
