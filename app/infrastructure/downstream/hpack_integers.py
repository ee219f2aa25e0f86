"""Integers with a prefix of some bits, as HPACK writes them (RFC 7541 section 5.1)."""

from typing import Final

from app.infrastructure.downstream.hpack_errors import HpackError

MAX_INTEGER: Final = 2**31 - 1
MAX_CONTINUATION: Final = 5
"""Octets after the prefix: enough for 32 bits; zeros without end are refused (RFC 7541 section 5.1)."""


def decode_integer(block: bytes, position: int, mask: int) -> tuple[int, int]:
    """The integer whose prefix is the bits of `mask` at `position`, and the position after it.

    Raises HpackError when the block ends too early, and for integers that are too long or above MAX_INTEGER.
    """
    if position >= len(block):
        raise HpackError("The header block ends where an integer should be")
    value = block[position] & mask
    position += 1
    if value < mask:
        return value, position
    end = min(len(block), position + MAX_CONTINUATION)
    shift = 0
    while position < end:
        octet = block[position]
        position += 1
        value += (octet & 0x7F) << shift
        if octet < 0x80:
            if value > MAX_INTEGER:
                break
            return value, position
        shift += 7
    raise HpackError("An integer in the header block is cut off, too long or too large")


def encode_integer(value: int, mask: int, flags: int) -> bytes:
    """The octets of an integer whose prefix is the bits of `mask`; the other bits of the first octet are `flags`."""
    if value < mask:
        return bytes((flags | value,))
    octets = [flags | mask]
    value -= mask
    while value >= 0x80:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)
