"""Names that this machine knows by itself: the hosts file and `localhost`. Not for DNS."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final

from app.infrastructure.transport.file_stamp import Stamp, file_stamp

HOSTS: Final = "/etc/hosts"

_LOOPBACK: Final = ("127.0.0.1", "::1")


class HostsFile:
    """The addresses in a hosts file, read again when it has changed; a file that cannot be read has none."""

    def __init__(self, path: str = HOSTS) -> None:
        self._path = path
        self._stamp: Stamp = None
        self._names: dict[str, tuple[str, ...]] = {}

    def addresses(self, host: str) -> tuple[str, ...]:
        """The addresses of `host`, IPv4 first, else in the file's order; empty when it is not there.

        `localhost` and names below it are the loopback addresses whatever the file says (RFC 6761 section 6.3).
        """
        name = _key(host)
        if name == "localhost" or name.endswith(".localhost"):
            return _LOOPBACK
        stamp = file_stamp(self._path)
        if stamp != self._stamp:
            self._names = _read(self._path)
            self._stamp = stamp
        return self._names.get(name, ())


def _key(name: str) -> str:
    return name.removesuffix(".").lower()


def _read(path: str) -> dict[str, tuple[str, ...]]:
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    found: dict[str, list[IPv4Address | IPv6Address]] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        try:
            parsed = ip_address(address)
        except ValueError:
            continue
        for name in names:
            listed = found.setdefault(_key(name), [])
            if parsed not in listed:
                listed.append(parsed)
    return {name: tuple(map(str, sorted(listed, key=lambda ip: ip.version))) for name, listed in found.items()}
