"""Reads the credentials of the Basic scheme (RFC 7617). Not for whether they are right."""

import binascii
import re
import unicodedata
from typing import Final, NamedTuple

LONGEST: Final = 2048
"""Bytes of the encoded credentials; more would only feed the hash."""
_AFTER_OTHERS: Final = re.compile(rb",[ ]*basic(?: |$)", re.IGNORECASE)
"""In a second field of the name: fields are joined by commas."""


class BasicCredentials(NamedTuple):
    """A user name and a password. The representation tells neither."""

    username: str
    password: bytes

    def __repr__(self) -> str:
        return "BasicCredentials(...)"


def presented(authorization: bytes | None) -> bytes | None:
    """What follows the scheme in the field, if the scheme is Basic; None when it is another, or nothing.

    Whatever a service could read as Basic credentials counts as such, be it malformed: else it would go on unjudged.
    """
    if authorization is None:
        return None
    text = authorization.replace(b"\t", b" ").strip(b" ")
    scheme, _, rest = text.partition(b" ")
    if scheme.lower() == b"basic":
        return rest.strip(b" ")
    return text if _AFTER_OTHERS.search(text) else None


def read(encoded: bytes) -> BasicCredentials:
    """Raises ValueError for what section 2 does not allow: other text than base64 of UTF-8, no colon, or control
    characters."""
    if len(encoded) > LONGEST:
        raise ValueError(f"longer than {LONGEST} bytes")
    try:
        text = binascii.a2b_base64(encoded, strict_mode=True).decode()
    except ValueError:
        raise ValueError("not base64 of UTF-8 text") from None
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise ValueError("control characters")
    username, colon, password = text.partition(":")
    if not colon:
        raise ValueError("no colon")
    return BasicCredentials(username, password.encode())
