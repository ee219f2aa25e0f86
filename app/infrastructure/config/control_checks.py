"""What settings of the control plane must be beyond their types. Not for reading them."""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from app.domain.policies.webhook_signatures import Verifier
from app.domain.policies.webhook_sources import Sources
from app.infrastructure.config.consul_options import SCHEMES, check_consul_prefix, check_consul_url
from app.infrastructure.config.control_settings import FILE
from app.infrastructure.config.redis_url import parse_redis_url


def check_store(value: Any) -> None:
    """`file`, or the URL of a Redis or a Consul. Raises ValueError that never tells a password."""
    if value == FILE:
        return
    scheme = value.partition("://")[0]
    if scheme in SCHEMES:
        check_consul_url(value)
    elif scheme.startswith("redis"):
        parse_redis_url(value)
    else:
        raise ValueError("expected file, or a URL such as redis://127.0.0.1:6379/0 or consul://127.0.0.1:8500")


def check_limit_store(value: Any) -> None:
    """The URL of a Redis, or nothing. Raises ValueError that never tells a password."""
    if value:
        parse_redis_url(value)


def check_redis_prefix(value: Any) -> None:
    """Raises ValueError for what would make keys that nobody can type."""
    if not value.isprintable() or not value.isascii() or " " in value:
        raise ValueError(f"expected letters, digits and signs such as : or {{}}, got {value!r}")


def check_receivers(value: Any) -> None:
    """URLs of http or https. Raises ValueError; paths and queries may be secrets, so that none is told."""
    for url in value:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("expected URLs of http or https, such as https://hooks.example.com/x")


CHECKS: Final[Mapping[str, Callable[[Any], object]]] = {
    "store": check_store,
    "limit_store": check_limit_store,
    "redis_prefix": check_redis_prefix,
    "consul_prefix": check_consul_prefix,
    "webhook_sources": Sources,
    "webhook_gitlab_token": lambda value: Verifier("", value),
    "webhook_notify": check_receivers,
}
"""Setting to what refuses a bad value by raising ValueError."""
