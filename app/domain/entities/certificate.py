"""What a client certificate says of its holder. Not for whether an authority vouches for it: who took it knows."""

from typing import NamedTuple


class CertificateFacts(NamedTuple):
    """The parts by which consumers are known."""

    sha256: str
    """Digest of the whole certificate (DER), in lower-case hex digits."""
    subject: str
    """RFC 4514 name."""
    dns: tuple[str, ...]
    """DNS names among the alternative names, in lower case."""
    valid_from: float
    """Seconds since 1970."""
    valid_until: float
    """Seconds since 1970."""
