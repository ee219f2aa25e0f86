"""Signs requests (RFC 9421 section 3.1). Not for the keys that are no shared secrets."""

import hashlib
import hmac
from collections.abc import Callable, Sequence

from app.domain.entities.headers import Headers
from app.domain.policies.http_signatures import RequestView, signature_base, signature_params
from app.domain.policies.structured_fields import Item, Parameters
from app.domain.policies.structured_fields_writer import dictionary, key


def sign_hmac(base: bytes, secret: bytes) -> bytes:
    """The signature by hmac-sha256 (section 3.3.3)."""
    return hmac.digest(secret, base, hashlib.sha256)


def signature_fields(
    label: str, components: Sequence[str], view: RequestView, params: Parameters, sign: Callable[[bytes], bytes]
) -> Headers:
    """The fields Signature-Input and Signature of a request. Raises ValueError as `signature_base` does."""
    signature = sign(signature_base(components, view, params))
    return [
        (b"signature-input", f"{key(label)}={signature_params(components, params)}".encode()),
        (b"signature", dictionary({label: Item(signature, {})}).encode()),
    ]
