"""Opens a TCP or TLS connection to a target: resolve, connect, handshake. Not for keeping it."""

import asyncio
import os
import ssl
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from app.domain.errors import AddressRefused, ConnectFailed, ConnectTimeout, TotalTimeout
from app.infrastructure.transport.resolver import Resolver
from app.infrastructure.transport.tls import describe_tls_error

P = TypeVar("P", bound=asyncio.Protocol)

AddressProblem = Callable[[str, int], str]
"""Of an address and a port: why the gateway does not connect there, or nothing."""


def anywhere(_: str, __: int) -> str:
    """The AddressProblem that finds none."""
    return ""


class Origin(NamedTuple):
    """Where a target listens."""

    host: str
    port: int
    context: ssl.SSLContext | None
    """None for clear text."""
    server_name: str | None
    """Name for SNI and verification."""

    @property
    def address(self) -> str:
        """`host:port`, brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Dialer:
    """Dials one origin; starts with another of its addresses each time.

    `problem` is asked for every address as it is connected to, whatever the name had for addresses before (A-67).
    """

    def __init__(self, origin: Origin, resolver: Resolver, problem: AddressProblem = anywhere) -> None:
        self._origin = origin
        self._resolver = resolver
        self._problem = problem
        self._turn = 0

    async def dial(self, make: Callable[[], P], seconds: float, deadline: float) -> P:
        """A connected protocol made by `make`.

        `deadline` is absolute, 0 for none. Raises ConnectFailed, ConnectTimeout, TotalTimeout, and AddressRefused when
        no address of the target may be connected to.
        """
        until = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(min(until, deadline) if deadline else until):
                return await self._try_addresses(make, seconds)
        except TimeoutError:
            if deadline and deadline < until:
                raise TotalTimeout("the exchange took longer than its total timeout while it connected") from None
            raise ConnectTimeout(f"{self._origin.address} accepted no connection within {seconds:g} s") from None

    async def addresses(self) -> tuple[str, ...]:
        """The origin's addresses in the order in which to try them, IPv4 first. Raises ConnectFailed."""
        host = self._origin.host
        found = self._resolver.cached(host)
        if found is None:
            found = await self._resolver.resolve(host)
        self._turn += 1
        four = [address for address in found if ":" not in address]
        six = [address for address in found if ":" in address]
        return (*_rotated(four, self._turn), *_rotated(six, self._turn))

    async def _try_addresses(self, make: Callable[[], P], seconds: float) -> P:
        failures, refusals = [], []
        for address in await self.addresses():
            refusal = self._problem(address, self._origin.port)
            if refusal:
                refusals.append(refusal)
                continue
            try:
                return await self._connect(make, address, seconds)
            except ConnectFailed as error:
                failures.append(error.detail)
        if not failures:
            raise AddressRefused(f"{self._origin.address} is not connected to: {'; '.join(refusals)}")
        raise ConnectFailed("; ".join(failures + refusals))

    async def _connect(self, make: Callable[[], P], address: str, seconds: float) -> P:
        origin = self._origin
        secure = origin.context is not None
        try:
            _, protocol = await asyncio.get_running_loop().create_connection(
                make,
                address,
                origin.port,
                ssl=origin.context,
                server_hostname=origin.server_name if secure else None,
                ssl_handshake_timeout=seconds if secure else None,
            )
        except ssl.SSLError as error:
            raise ConnectFailed(f"TLS with {origin.address} failed: {describe_tls_error(error)}") from None
        except OSError as error:
            reason = describe_tls_error(error) if secure and not error.errno else _reason(error)
            raise ConnectFailed(f"cannot connect to {origin.address} ({address}): {reason}") from None
        return protocol


def _rotated(addresses: list[str], turn: int) -> list[str]:
    cut = turn % len(addresses) if addresses else 0
    return addresses[cut:] + addresses[:cut]


def _reason(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else str(error)
