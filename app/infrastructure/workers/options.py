"""What a server needs to know, in one value that travels to every worker. Not the gateway's settings: those are wider.

Settings reach the application in a worker through its environment.
"""

from typing import Literal

import msgspec

ServerName = Literal["builtin", "granian", "hypercorn"]


class StartError(Exception):
    """The server cannot start as asked: a line that says what and where."""


class ServerOptions(msgspec.Struct, frozen=True):
    """Times are seconds, sizes are bytes."""

    target: str = "app.main:app"
    """`module:attribute` of the ASGI application."""
    tls_cert: str = ""
    """Path of the certificate chain; TLS is on when it is set."""
    tls_key: str = ""
    tls_client_ca: str = ""
    """Path of the certificates whose clients are let in (builtin); none asks no client for one."""
    tls_client_auth: Literal["optional", "required"] = "required"
    """Whether a client may come without a certificate, once clients are asked."""
    http2: bool = True
    """Whether clients may speak HTTP/2. Granian speaks it over TLS alone."""
    backlog: int = 2048
    """Connections that may wait to be accepted, for each worker."""
    max_connections: int = 16384
    """Open connections of one worker (Granian)."""
    head_timeout: float = 10.0
    """How long a client may take to send a head, and how long a connection may idle: one knob in every server."""
    write_idle: float = 10.0
    """How long a client may acknowledge nothing of what was sent to it."""
    watched: bool = False
    """Whether the application looks after clients that do not read: the kernel, which also cuts those that read into
    a small window, need not."""
    max_headers: int = 100
    """Fields of a request that the application takes."""
    max_head: int = 16 * 1024
    max_streams: int = 100
    """Requests that one HTTP/2 connection may have open."""
    max_message: int = 1024 * 1024
    """Largest WebSocket message."""
    grace: float = 25.0
    """How long exchanges under way may take to end when the server stops."""


def encode(options: ServerOptions) -> str:
    """One line of JSON for the command line of a worker."""
    return msgspec.json.encode(options).decode()


def decode(line: str) -> ServerOptions:
    """The other way round. Raises msgspec.ValidationError."""
    return msgspec.json.decode(line.encode(), type=ServerOptions)
