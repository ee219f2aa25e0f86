"""The connections to whichever servers hold our keys, one a server. Not for what is read: `redis_follower`."""

from collections.abc import Iterator
from typing import Any

from app.infrastructure.config.redis_connection import Argument, RedisConnection
from app.infrastructure.config.redis_dial import RedisDialer
from app.infrastructure.config.redis_errors import RedisGone
from app.infrastructure.config.redis_nodes import RedisNodes, slot_of
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_url import Address, address_name


class RedisSession:
    """Opened when made, for one thread at a time; `close` may be called from another. Raises RedisError."""

    def __init__(self, options: RedisOptions, keys: tuple[str, ...]) -> None:
        self._options = options
        self._dialer = RedisDialer(options)
        self._nodes = RedisNodes(options.place, self._dialer)
        self._connections: dict[Address, RedisConnection] = {}
        self._addresses = self._nodes.of(keys)
        try:
            for address in dict.fromkeys(self._addresses.values()):
                self._connections[address] = self._open(address)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[RedisConnection]:
        return iter(list(self._connections.values()))

    def of(self, key: str) -> RedisConnection:
        """The connection to the server that holds `key`."""
        return self._connections[self._addresses[key]]

    def together(self, *keys: str) -> bool:
        """Whether one server holds all of these keys, in one slot when it is a Cluster's."""
        slots = {slot_of(key) for key in keys} if self._options.place.kind == "cluster" else ()
        return len(slots) < 2

    def call(self, key: str, *command: Argument) -> Any:
        """The answer to a command on `key`. Raises RedisError."""
        return self.of(key).call(*command)

    def moved(self) -> bool:
        """Whether another server holds a key by now, a new master for instance. Raises RedisError."""
        if self._options.place.kind == "standalone":
            return False
        return self._nodes.of(self._addresses) != self._addresses

    def poll(self) -> None:
        """Take in what has come. Raises RedisGone."""
        for connection in self:
            connection.poll()

    def ping(self) -> None:
        """Take in all that was sent before now. Raises RedisError."""
        for connection in self:
            connection.call("PING")

    def close(self) -> None:
        """Close them all."""
        for connection in self:
            connection.close()

    def _open(self, address: Address) -> RedisConnection:
        """A connection to a master: a replica would answer too, with what was true once."""
        connection = self._dialer.open(address)
        if self._options.place.kind == "sentinel":
            role = connection.call("ROLE")[0]
            if role != b"master":
                connection.close()
                raise RedisGone(f"{address_name(address)} is no master (yet)")
        return connection
