"""Networks by the hundred thousand, asked by address. For a few that hardly change there is `addresses.AddressSet`."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import Final

from app.domain.policies.addresses import parse, parse_network

_REMEMBERED: Final = 4096
_LONGEST: Final = 64
"""Characters of the longest address, with its zone."""

_ByLength = dict[int, set[int]]
"""Bits that are not of the network, to the networks without these bits."""


class AddressTable:
    """A look-up costs as much as there are different lengths of networks, however many networks there are."""

    __slots__ = ("_four", "_remembered", "_six", "count")

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Raises ValueError that names a network that cannot be read."""
        self._four: Final[_ByLength] = {}
        self._six: Final[_ByLength] = {}
        self._remembered: dict[str, bool] = {}
        self.count = 0
        for text in networks:
            self.add(parse_network(text))

    def add(self, network: IPv4Network | IPv6Network) -> None:
        """Only before the first question: answers are remembered."""
        host_bits = network.max_prefixlen - network.prefixlen
        lengths = self._six if isinstance(network, IPv6Network) else self._four
        lengths.setdefault(host_bits, set()).add(int(network.network_address) >> host_bits)
        self.count += 1

    def __contains__(self, address: str) -> bool:
        verdict = self._remembered.get(address)
        if verdict is None:
            verdict = self._look_up(address)
            if len(address) <= _LONGEST:
                if len(self._remembered) >= _REMEMBERED:
                    self._remembered.clear()
                self._remembered[address] = verdict
        return verdict

    def _look_up(self, text: str) -> bool:
        address = parse(text)
        if address is None:
            return False
        number = int(address)
        lengths = self._six if isinstance(address, IPv6Address) else self._four
        return any(number >> host_bits in networks for host_bits, networks in lengths.items())
