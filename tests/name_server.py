"""A small DNS server on loopback for tests: answers from a table, or badly, or not at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer(asyncio.DatagramProtocol):
    """Serves `records`; names are absolute (`a.test.`)."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}
        """Name -> records such as `60 A 10.0.0.1`; a name that is not there does not exist."""
        self.rcodes: dict[str, dns.rcode.Rcode] = {}
        """Names answered with this code, whatever their records."""
        self.silent: set[str] = set()
        """Names, or `name TYPE`, that get no answer."""
        self.wrong_nxdomain: set[str] = set()
        """`name TYPE` that is said not to exist although the name does."""
        self.dead = False
        """Whether nothing is answered at all."""
        self.queries: list[str] = []
        """`name TYPE` of every question that came, in order."""
        self.asked_once = asyncio.Event()
        """Set by the first question."""
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text()
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        self.queries.append(f"{name} {kind}")
        self.asked_once.set()
        if self.dead or {name, f"{name} {kind}"} & self.silent:
            return
        assert self._transport is not None
        self._transport.sendto(self._answer(query, name, kind).to_wire(), addr)

    def asked(self, name: str, kind: str = "A") -> int:
        """How many questions of this kind came for `name`."""
        return self.queries.count(f"{name} {kind}")

    def close(self) -> None:
        """Stop listening."""
        assert self._transport is not None
        self._transport.close()

    def _answer(self, query: dns.message.Message, name: str, kind: str) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if name in self.rcodes:
            response.set_rcode(self.rcodes[name])
        elif name not in self.records or f"{name} {kind}" in self.wrong_nxdomain:
            response.set_rcode(dns.rcode.NXDOMAIN)
        else:
            self._fill(response, name, kind)
        return response

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        for record in self.records.get(name, []):
            ttl, recorded, value = record.split(maxsplit=2)
            if recorded in {kind, "CNAME"}:
                # One set for each record: the library shuffles the records of a set.
                response.answer.append(dns.rrset.from_text(name, int(ttl), "IN", recorded, value))
            if recorded == "CNAME":
                self._fill(response, value, kind)


@asynccontextmanager
async def name_server() -> AsyncIterator[NameServer]:
    """A server on 127.0.0.1 at a free port, in the running loop."""
    _, server = await asyncio.get_running_loop().create_datagram_endpoint(NameServer, ("127.0.0.1", 0))
    try:
        yield server
    finally:
        server.close()
        # The sockets of the server and of its clients close on the loop's next turn.
        await asyncio.sleep(0.01)
