"""Whether an address is this machine's own. Not for which addresses it has."""

import socket

from app.domain.policies.upstream_addresses import is_loopback


def is_local_address(address: str) -> bool:
    """Whether packets to an IP address stay on this machine; nothing is sent.

    For what goes to one of its own addresses the kernel takes that same address as source.
    """
    if is_loopback(address):
        return True
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            return bool(probe.getsockname()[0] == address)
    except OSError:
        return False
