"""What can be wrong with a header block of HTTP/2. Not for what is wrong with the fields in it."""


class HpackError(Exception):
    """A block that cannot be decoded: COMPRESSION_ERROR for the whole connection (RFC 9113 section 4.3)."""


class HeaderListTooLarge(Exception):
    """A sound block whose fields are more than we take. The connection is in step and may go on (431)."""
