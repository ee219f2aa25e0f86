"""Reads the address of a Redis: one server, Sentinel or Cluster. Not for connecting to it: `redis_dial`."""

from typing import Final, Literal
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

Kind = Literal["standalone", "sentinel", "cluster"]
Address = tuple[str, int]

_KINDS: Final[dict[str, tuple[Kind, bool]]] = {
    "redis": ("standalone", False),
    "rediss": ("standalone", True),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}
"""Scheme to what stands behind it, and whether that speaks TLS."""
_PORTS: Final[dict[Kind, int]] = {"standalone": 6379, "sentinel": 26379, "cluster": 6379}


class RedisPlace(msgspec.Struct, frozen=True):
    """Where a Redis is and who we are there."""

    kind: Kind
    addresses: tuple[Address, ...]
    master: str = ""
    """Name of the master that the sentinels watch."""
    database: int = 0
    username: str = ""
    password: str = ""
    tls: bool = False

    @property
    def name(self) -> str:
        """The url without user and password."""
        scheme = next(scheme for scheme, meant in _KINDS.items() if meant == (self.kind, self.tls))
        places = ",".join(address_name(address) for address in self.addresses)
        path = {"standalone": f"/{self.database}", "sentinel": f"/{self.master}/{self.database}", "cluster": ""}
        return f"{scheme}://{places}{path[self.kind]}"

    def __repr__(self) -> str:
        return f"RedisPlace({self.name!r})"


def address_name(address: Address) -> str:
    """`host:port`, an IPv6 address in brackets."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_redis_url(url: str) -> RedisPlace:
    """The place that `url` names. Raises ValueError with the reason, which never tells a password.

    `redis://[[user]:password@]host[:port][/database]`, `redis+sentinel://…@host[:port],host[:port]/master[/database]`,
    `redis+cluster://…@host[:port],host[:port]`; with `rediss` in place of `redis` for TLS. Characters that mean
    something in a url are percent-encoded in user and password.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("is no url: expected redis://host:port/database") from None
    if parts.scheme not in _KINDS:
        raise ValueError(f"expected a url that begins with one of {', '.join(f'{scheme}://' for scheme in _KINDS)}")
    if parts.query or parts.fragment:
        raise ValueError("nothing may follow a '?' or '#' (percent-encode them in a password: %3F, %23)")
    kind, tls = _KINDS[parts.scheme]
    login, _, hosts = parts.netloc.rpartition("@")
    username, _, password = login.partition(":")
    if login and not password:
        raise ValueError("the password is missing: expected user:password@ or :password@ before the host")
    addresses = tuple(_address(text, _PORTS[kind]) for text in hosts.split(","))
    if kind == "standalone" and len(addresses) > 1:
        raise ValueError("expected one host; several belong to redis+sentinel:// or redis+cluster://")
    master, database = _path(kind, parts)
    return RedisPlace(kind, addresses, master, database, unquote(username), unquote(password), tls)


def _address(text: str, default_port: int) -> Address:
    host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        host, port = text, ""
    host = host.removeprefix("[").removesuffix("]")
    if not host:
        raise ValueError("the host is missing: expected redis://host:port/database")
    if not port:
        return host, default_port
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        # The text may be half of a password with an unquoted '/' or '@': it is not shown.
        raise ValueError("expected a port from 1 to 65535 after the host (percent-encode '/' in a password: %2F)")
    return host, int(port)


def _path(kind: Kind, parts: SplitResult) -> tuple[str, int]:
    """Master and database."""
    steps = [unquote(step) for step in parts.path.strip("/").split("/")] if parts.path.strip("/") else []
    if kind == "cluster" and steps and steps != ["0"]:
        raise ValueError("a Cluster has only database 0: expected nothing after the hosts")
    master = ""
    if kind == "sentinel":
        if not steps:
            raise ValueError("the name of the master is missing: expected redis+sentinel://host:port/mymaster/0")
        master = steps.pop(0)
    if len(steps) > 1:
        raise ValueError("expected nothing after the number of the database")
    if not steps:
        return master, 0
    if not (steps[0].isascii() and steps[0].isdigit()):
        raise ValueError("expected the number of a database after the host, as in redis://host:6379/0")
    return master, int(steps[0])
