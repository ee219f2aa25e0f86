"""Whether a body is the one of a Content-Digest field (RFC 9530). Not for signatures of the field."""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final

from app.domain.policies.structured_fields import InnerList, Item, parse_dictionary

_ALGORITHMS: Final[dict[str, Callable[[bytes], Any]]] = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}


def check_digest(field: str, body: bytes) -> None:
    """Raises ValueError unless every digest of an algorithm that is known is right, and there is one at least.

    The algorithms that RFC 9530 calls insecure count as unknown.
    """
    known = 0
    for name, member in parse_dictionary(field).items():
        algorithm = _ALGORITHMS.get(name)
        if algorithm is None:
            continue
        known += 1
        if not _same(algorithm(body).digest(), member):
            raise ValueError("the body is not the one of Content-Digest")
    if not known:
        raise ValueError(f"Content-Digest has none of {', '.join(_ALGORITHMS)}")


def _same(digest: bytes, member: Item | InnerList) -> bool:
    return isinstance(member, Item) and isinstance(member.value, bytes) and hmac.compare_digest(digest, member.value)
