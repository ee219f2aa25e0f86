"""How Consul is reached, as one value. Not for asking it."""

from typing import Final
from urllib.parse import urlsplit

import msgspec

from app.infrastructure.config.field_checks import authority_problem

SCHEMES: Final = {"consul": ("http", 8500), "consuls": ("https", 8501)}
"""Scheme of a store's URL to the scheme that is spoken and its usual port."""


class ConsulOptions(msgspec.Struct, frozen=True):
    """Where Consul is and who we are there. Durations are seconds, sizes are bytes."""

    url: str
    """`consul://host:8500`, or `consuls://host:8501` with TLS."""
    prefix: str = "gateway"
    """The keys are `<prefix>/<section>/<id>`."""
    token: str = ""
    datacenter: str = ""
    """Empty is the datacentre of the agent that is asked."""
    ca: str = ""
    cert: str = ""
    key: str = ""
    """PEM files: whom to believe, and who we are."""
    wait: float = 60.0
    """For how long Consul may hold a question until there is something new; it adds a sixteenth at most."""
    timeout: float = 5.0
    """For connecting, for each answer beyond `wait`, and for each read and write."""
    max_answer: int = 256 * 1024 * 1024
    """Largest answer."""

    def __repr__(self) -> str:
        return f"ConsulOptions({self.name!r})"

    @property
    def origin(self) -> str:
        """`http://host:port`. Raises ValueError for a url that is none of Consul."""
        check_consul_url(self.url)
        parts = urlsplit(self.url)
        scheme, port = SCHEMES[parts.scheme]
        return f"{scheme}://{parts.netloc if parts.port else f'{parts.netloc}:{port}'}"

    @property
    def name(self) -> str:
        """For people: where the configuration is. Holds no token."""
        return f"{self.url}/{self.prefix}"

    @property
    def parameters(self) -> dict[str, str]:
        """What every question says."""
        return {"dc": self.datacenter} if self.datacenter else {}


def check_consul_url(text: str) -> None:
    """Raises ValueError that says what the URL of Consul looks like."""
    expected = "expected consul://host:8500, or consuls://host:8501 for TLS"
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(expected) from None
    if "@" in parts.netloc:
        raise ValueError(f"{expected}: a token is given by GATEWAY_CONSUL_TOKEN, not in the URL")
    if parts.scheme not in SCHEMES or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(expected)
    reason = authority_problem(parts.netloc)
    if reason:
        raise ValueError(f"{expected}: {reason}")


def check_consul_prefix(text: str) -> None:
    """Raises ValueError for a prefix that Consul takes for no key, or for another one."""
    parts = text.split("/")
    plain = all(part and part.replace("-", "").replace("_", "").replace(".", "").isalnum() for part in parts)
    if not (plain and text.isascii()) or ".." in parts:
        raise ValueError(f"expected letters, digits and . - _, with / between the parts, got {text!r}")
