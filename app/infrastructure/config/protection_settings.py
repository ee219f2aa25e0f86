"""Settings of what protects the gateway before a route is known, and of what filters share. Not for routes' own."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from app.domain.entities.units import Duration, Rate, Size
from app.domain.policies.addresses import LOOPBACK_AND_PRIVATE


class ProtectionSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the settings that protection is about."""

    tls_client_ca: str = ""
    """PEM file of authorities: clients must show a certificate that one of them signed (server builtin only)."""
    tls_client_auth: Literal["optional", "required"] = "required"
    """With tls_client_ca, whether clients without a certificate are let in all the same."""
    client_rate: Rate = Rate(2000, "s")
    """Requests that one client address may make of each worker, before any route is looked for; off asks for none."""
    client_connections: Annotated[int, Meta(ge=0)] = 256
    """Connections that one client address may have with each worker; 0 sets no limit."""
    client_exempt: tuple[str, ...] = LOOPBACK_AND_PRIVATE
    """Addresses and networks, comma separated, that client_rate and client_connections do not count; none exempts
    nobody."""
    silent_timeout: Duration = Duration(60)
    """How long a connection without a request under way may send nothing; then it is closed. 0s sets no limit."""
    write_rate: Size = Size(1024)
    """Bytes a second at which a client must take a response on average, after 10s of waiting for it; 0B asks for
    none."""
    shed_lag: Duration = Duration(1)
    """How late the worker's event loop may be before new requests are answered with 503; 0s never."""
    auth_failures: Rate = Rate(60, "min")
    """Failed authentications of one client address before it is answered with 429; off counts none."""
    limit_store: str = ""
    """URL of the Redis that counts for limits of scope cluster; that of store when it is a Redis."""
    limit_timeout: Duration = Duration(0.05)
    """How long an answer of that Redis may take."""
    limit_keys: Annotated[int, Meta(ge=1024, le=16_777_216)] = 65536
    """Keys that limits of scope host count at a time, for each kind of limit; 16 bytes of shared memory each."""
    geo_database: str = ""
    """File of countries in MaxMind's format (GeoLite2-Country.mmdb, say); it is read again when it is replaced."""
