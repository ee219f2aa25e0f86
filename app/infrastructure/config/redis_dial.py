"""Opens connections to a Redis: TLS, log in, choose the database. Not for which server: `redis_nodes`."""

import socket
import ssl
from typing import Final

from app.infrastructure.config.redis_connection import RedisConnection
from app.infrastructure.config.redis_errors import RedisGone, RedisRefused, why
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_url import Address

CLIENT_NAME: Final = "gateway"


class RedisDialer:
    """The certificate files are read for each connection, so that new ones are taken up."""

    def __init__(self, options: RedisOptions) -> None:
        self._options = options

    def open(self, address: Address) -> RedisConnection:
        """A connection, logged in, in the database. Raises RedisGone and RedisRefused."""
        place = self._options.place
        return self._open(address, bool(place.password), place.database)

    def open_sentinel(self, address: Address) -> RedisConnection:
        """A connection to a sentinel. Logs in, as the same user, only where the sentinel asks for it."""
        try:
            return self._open(address, False, 0)
        except RedisRefused as error:
            if error.code != "NOAUTH" or not self._options.place.password:
                raise
        return self._open(address, True, 0)

    def _open(self, address: Address, log_in: bool, database: int) -> RedisConnection:
        connection = self._connect(address)
        try:
            self._greet(connection, log_in)
            if database:
                connection.call("SELECT", database)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self, address: Address) -> RedisConnection:
        options = self._options
        try:
            sock = socket.create_connection(address, options.connect_timeout)
        except OSError as error:
            raise RedisGone(why(error)) from None
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if options.place.tls:
                sock.settimeout(options.read_timeout)
                sock = self.tls().wrap_socket(sock, server_hostname=address[0])
        except OSError as error:
            sock.close()
            raise RedisGone(why(error)) from None
        return RedisConnection(sock, options.read_timeout)

    def tls(self) -> ssl.SSLContext:
        """For a new connection. Raises OSError, as ssl does, for files that cannot be used."""
        options = self._options
        context = ssl.create_default_context(cafile=options.ca or None)
        if options.cert:
            context.load_cert_chain(options.cert, options.key or None)
        return context

    def _greet(self, connection: RedisConnection, log_in: bool) -> None:
        place = self._options.place
        login = ("AUTH", place.username or "default", place.password) if log_in else ()
        try:
            connection.call("HELLO", 3, *login, "SETNAME", CLIENT_NAME)
        except RedisRefused as error:
            if error.code == "ERR" and "unknown command" in str(error):
                raise RedisRefused("ERR Redis 6 or newer is needed") from None
            raise
