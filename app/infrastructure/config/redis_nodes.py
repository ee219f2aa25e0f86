"""Finds the server that holds a key: the one there is, the master that Sentinel names, the node of a Cluster.

Not for keeping connections: `redis_session`.
"""

from binascii import crc_hqx
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from app.infrastructure.config.redis_connection import RedisConnection
from app.infrastructure.config.redis_dial import RedisDialer
from app.infrastructure.config.redis_errors import RedisError, RedisGone
from app.infrastructure.config.redis_url import Address, RedisPlace, address_name

SLOTS: Final = 16384


def slot_of(key: str) -> int:
    """The hash slot of a key: CRC16 of the part in the first braces, if any, else of all (Redis Cluster
    Specification, "Hash tags")."""
    _, opened, rest = key.partition("{")
    tag, closed, _ = rest.partition("}")
    hashed = tag if opened and closed and tag else key
    return crc_hqx(hashed.encode(), 0) % SLOTS


class RedisNodes:
    """Asks whichever sentinel or node answers first."""

    def __init__(self, place: RedisPlace, dialer: RedisDialer) -> None:
        self._place = place
        self._dialer = dialer

    def of(self, keys: Iterable[str]) -> dict[str, Address]:
        """Key to address of the server that holds it now. Raises RedisGone and RedisRefused."""
        if self._place.kind == "standalone":
            return dict.fromkeys(keys, self._place.addresses[0])
        if self._place.kind == "sentinel":
            return dict.fromkeys(keys, self._first(self._dialer.open_sentinel, self._master))
        ranges = self._first(self._dialer.open, _slots)
        return {key: _holder(ranges, key) for key in keys}

    def ranges(self) -> "Ranges":
        """Which server holds which slots now; one holds them all unless it is a Cluster. Raises RedisGone and
        RedisRefused."""
        if self._place.kind == "cluster":
            return cast("Ranges", self._first(self._dialer.open, _slots))
        return [(0, SLOTS - 1, address) for address in self.of([""]).values()]

    def _first(
        self, open_: Callable[[Address], RedisConnection], ask: Callable[[RedisConnection, Address], Any]
    ) -> Any:
        """The first answer that can be had. Raises RedisGone with what each of them said."""
        failures = []
        for address in self._place.addresses:
            try:
                connection = open_(address)
                try:
                    return ask(connection, address)
                finally:
                    connection.close()
            except RedisError as error:
                failures.append(f"{address_name(address)}: {error}")
        raise RedisGone("; ".join(failures))

    def _master(self, sentinel: RedisConnection, _: Address) -> Address:
        found = sentinel.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._place.master)
        if not found:
            raise RedisGone(f"knows no master {self._place.master!r}")
        return found[0].decode(), int(found[1])


Ranges = list[tuple[int, int, Address]]


def _slots(node: RedisConnection, asked: Address) -> Ranges:
    """First and last slot, and their master. A node that does not know its own host is where it was asked."""
    ranges = []
    for first, last, master, *_ in node.call("CLUSTER", "SLOTS"):
        host = master[0].decode() if master[0] not in (None, b"", b"?") else asked[0]
        ranges.append((int(first), int(last), (host, int(master[1]))))
    return ranges


def _holder(ranges: Ranges, key: str) -> Address:
    slot = slot_of(key)
    for first, last, address in ranges:
        if first <= slot <= last:
            return address
    raise RedisGone(f"no node of the Cluster holds slot {slot} of {key}")
