"""Where the servers of a Redis are now and how one is greeted, for those who connect in their own way.

Not for connecting: `redis_dial` does that for blocking connections.
"""

import ssl
from typing import Final

from app.infrastructure.config.redis_connection import Command
from app.infrastructure.config.redis_dial import CLIENT_NAME, RedisDialer
from app.infrastructure.config.redis_errors import RedisError
from app.infrastructure.config.redis_nodes import RedisNodes
from app.infrastructure.config.redis_options import RedisOptions


class Whereabouts:
    """One server, and the hash slots that are its own: first and last."""

    def __init__(
        self, address: tuple[str, int], slots: tuple[int, int], greeting: tuple[Command, ...],
        tls: ssl.SSLContext | None,
    ) -> None:  # fmt: skip
        self.host: Final = address[0]
        self.port: Final = address[1]
        self.slots: Final = slots
        self.greeting: Final = greeting
        """What to say first: RESP3, who we are, which database. Holds the password."""
        self.tls: Final = tls


def whereabouts(options: RedisOptions) -> list[Whereabouts]:
    """Every server that holds slots; blocks while Sentinel or a Cluster is asked. Raises OSError with the reason."""
    place, dialer = options.place, RedisDialer(options)
    try:
        ranges = RedisNodes(place, dialer).ranges()
    except RedisError as error:
        raise OSError(str(error)) from None
    login = ("AUTH", place.username or "default", place.password) if place.password else ()
    greeting: tuple[Command, ...] = (("HELLO", 3, *login, "SETNAME", CLIENT_NAME),)
    if place.database:
        greeting += (("SELECT", place.database),)
    tls = dialer.tls() if place.tls else None
    return [Whereabouts(address, (first, last), greeting, tls) for first, last, address in ranges]
