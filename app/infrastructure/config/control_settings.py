"""Settings of where the configuration lives and who may change it. Not for the traffic itself: `settings`."""

from typing import Annotated, Final

from msgspec import Meta

from app.domain.entities.units import Duration, Size
from app.infrastructure.config.protection_settings import ProtectionSettings

FILE: Final = "file"
"""The store that is the configuration file."""
OFF: Final = "off"
SECRETS: Final = frozenset(
    {
        "admin_token",
        "admin_read_token",
        "consul_token",
        "webhook_secret",
        "webhook_gitlab_token",
        "webhook_notify_secret",
    }
)
"""Settings whose values are never shown; each may be a reference, `env:NAME` or `file:/path`."""


class ControlSettings(ProtectionSettings, frozen=True, kw_only=True):
    """The part of the settings that the control plane is about."""

    store: str = FILE
    """Where the configuration lives: file, or the URL of a Redis (redis, rediss, +sentinel, +cluster) or Consul."""
    redis_prefix: str = "gateway"
    """What the names of the hashes in Redis begin with."""
    consul_prefix: str = "gateway"
    """What the keys in Consul begin with."""
    consul_token: str = ""
    """ACL token for Consul."""
    consul_datacenter: str = ""
    """Datacenter to ask Consul about; its own when empty."""
    store_ca: str = ""
    """PEM file of the authorities that the store's certificate is checked against; the system's when empty."""
    store_cert: str = ""
    """PEM file of the certificate that is shown to the store; with store_key."""
    store_key: str = ""
    """PEM file of that certificate's key."""
    store_secrets: tuple[str, ...] = ()
    """Variables, files and directories, comma separated, that what stands in Redis or Consul may refer to."""
    history: Annotated[int, Meta(ge=1, le=1000)] = 50
    """How many revisions of the configuration are kept to go back to."""
    admin_listen: str = "127.0.0.1:8001"
    """Address of the admin API, or off."""
    admin_token: str = ""
    """Token that may read and write by the admin API. On loopback one is made, and printed once, when there is none."""
    admin_read_token: str = ""
    """Token that may only read."""
    admin_tls_cert: str = ""
    """PEM file of the certificate chain of the admin API and gRPC; with admin_tls_key."""
    admin_tls_key: str = ""
    """PEM file of that certificate's key, without a passphrase."""
    admin_hosts: tuple[str, ...] = ()
    """Names, comma separated, by which the admin API may be asked, beside its address and localhost."""
    grpc_listen: str = OFF
    """Address of the gRPC service, or off."""
    webhook_secret: str = ""
    """Secret of the incoming webhook's signatures, as GitHub makes them."""
    webhook_gitlab_token: str = ""
    """Secret token of the incoming webhook, as GitLab sends it, or its signing token (whsec_…)."""
    webhook_sources: tuple[str, ...] = ()
    """URLs, comma separated, that a webhook may have fetched: all below one that ends with /, else itself. The first
    that is a whole one is the default."""
    webhook_max: Size = Size(10 * 1024 * 1024)
    """Largest body of a webhook, and largest configuration that it has fetched."""
    webhook_timeout: Duration = Duration(10)
    """How long fetching it may take."""
    webhook_notify: tuple[str, ...] = ()
    """URLs, comma separated, that are told of every applied or refused change."""
    webhook_notify_secret: str = ""
    """Secret with which those messages are signed."""
    upstream_allow: tuple[str, ...] = ()
    """Networks, comma separated, to which services may lead; every one but link-local and metadata when empty."""
    upstream_deny: tuple[str, ...] = ()
    """Networks, comma separated, to which no service may lead."""
