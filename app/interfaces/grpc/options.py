"""How the gRPC server listens, and the bounds on what its clients may cost. Not for who they are."""

from typing import Final

import msgspec

MOST_BYTES: Final = 16 * 1024 * 1024
"""Of a message, in and out, after decompression."""


class GrpcOptions(msgspec.Struct, frozen=True):
    """How the server listens."""

    address: str
    """`host:port`, `[v6]:port`, or `:port` for every address of the machine; port 0 picks a free one."""
    cert: str = ""
    """PEM file; `cert` and `key` are both empty when there is to be no TLS."""
    key: str = ""
    max_calls: int = 1000
    """At a time, watches among them; one more is refused with RESOURCE_EXHAUSTED."""
    max_watchers: int = 800
    """Of revisions, so that some calls are left for others."""


def channel_options(options: GrpcOptions) -> list[tuple[str, int]]:
    """Arguments of gRPC's core (grpc_types.h; grpc/doc/keepalive.md)."""
    return [
        ("grpc.max_receive_message_length", MOST_BYTES),
        ("grpc.max_send_message_length", MOST_BYTES),
        # Of one connection. Clients wait for a place below it, without being told why: they are refused before.
        ("grpc.max_concurrent_streams", 2 * options.max_calls),
        # The default lets a second process listen on the same port, and get half of the calls.
        ("grpc.so_reuseport", 0),
        # A watcher whose machine went away is found after 80 s; clients may ask whether we live every 10 s.
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.http2.max_ping_strikes", 2),
        # A connection without calls costs memory only; whoever comes back connects anew without noticing.
        ("grpc.max_connection_idle_ms", 600_000),
        ("grpc.server_handshake_timeout_ms", 10_000),
    ]
