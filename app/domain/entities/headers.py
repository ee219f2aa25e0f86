"""Fields of a message as ASGI and llhttp speak them. Not a mapping: order and duplicates are meaning."""

Header = tuple[bytes, bytes]
"""A field: lower-case name, raw value."""

Headers = list[Header]
"""The fields of a message in the order in which they came (RFC 9110 section 5.3)."""


def first(headers: Headers, name: bytes) -> bytes | None:
    """The first value of the field `name` (lower-case), or None."""
    for key, value in headers:
        if key == name:
            return value
    return None


def values(headers: Headers, name: bytes) -> list[bytes]:
    """Every value of the field `name` (lower-case), in order."""
    return [value for key, value in headers if key == name]


def tokens(headers: Headers, name: bytes) -> list[bytes]:
    """The comma-separated members of the field `name` over all its lines, lower-cased, blanks removed."""
    joined = b",".join(values(headers, name))
    return [part for part in (piece.strip(b" \t").lower() for piece in joined.split(b",")) if part]
