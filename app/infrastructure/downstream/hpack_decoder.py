"""Decodes header blocks of HTTP/2 (RFC 7541), one decoder a connection. Not for what the fields mean."""

from typing import Final, cast

from app.infrastructure.downstream.hpack_errors import HeaderListTooLarge, HpackError
from app.infrastructure.downstream.hpack_huffman import decode_huffman
from app.infrastructure.downstream.hpack_integers import decode_integer
from app.infrastructure.downstream.hpack_tables import FIELD_OVERHEAD, FIRST_DYNAMIC, STATIC_FIELDS

INITIAL_TABLE: Final = 4096
"""Bytes of a table before anyone says otherwise (RFC 9113 section 6.5.2)."""

# As tuples of any length: mypyc would take pairs apart and put them together again at each step.
BY_INDEX: Final[list[tuple[bytes, ...]]] = [(b"", b""), *STATIC_FIELDS]


class HeaderDecoder:
    """Bounded: the table by `max_table`, what a block yields by `max_list`, the work by the length of the block."""

    __slots__ = ("_capacity", "_known", "_max_list", "_max_table", "_used")

    def __init__(self, max_table: int = INITIAL_TABLE, max_list: int = 65536) -> None:
        """`max_table`: bytes, the SETTINGS_HEADER_TABLE_SIZE that we announce. `max_list`: bytes of a block's
        fields, each counted as name + value + 32 (RFC 9113 section 6.5.2)."""
        self._max_table = max_table
        self._max_list = max_list
        self._capacity = min(max_table, INITIAL_TABLE)
        self._used = 0
        self._known = BY_INDEX.copy()
        """Every field by its index: the static ones, then the dynamic ones, newest first."""

    def decode(self, block: bytes) -> list[tuple[bytes, bytes]]:
        """The fields of a complete header block, in order.

        Raises HpackError for a block that is not sound: the decoder cannot be used any more. Raises
        HeaderListTooLarge when the fields are more than `max_list`: the block was read to its end without keeping
        more of them, so that the next one can be decoded (CVE-2016-6581).
        """
        fields: list[tuple[bytes, ...]] = []
        known = self._known
        left = self._max_list
        position = 0
        end = len(block)
        while position < end and block[position] & 0xE0 == 0x20:
            position = self._resize(block, position)
        while position < end:
            octet = block[position]
            if octet & 0x80:
                index = octet & 0x7F
                position += 1
                if index == 0x7F:
                    index, position = decode_integer(block, position - 1, 0x7F)
                if index == 0 or index >= len(known):
                    raise HpackError("The header block names a field that is not in the table")
                field = known[index]
            else:
                field, position = self._literal(block, position, octet)
            left -= len(field[0]) + len(field[1]) + FIELD_OVERHEAD
            if left >= 0:
                fields.append(field)
        if left < 0:
            raise HeaderListTooLarge(f"The fields of a request are more than {self._max_list} bytes")
        return cast("list[tuple[bytes, bytes]]", fields)

    def _literal(self, block: bytes, position: int, octet: int) -> tuple[tuple[bytes, ...], int]:
        """A field that is written out (RFC 7541 section 6.2), and the position after it."""
        indexed = octet & 0x40 != 0
        if octet & 0xE0 == 0x20:
            raise HpackError("The header block changes the size of the table after a field")
        index, position = decode_integer(block, position, 0x3F if indexed else 0x0F)
        if index == 0:
            name, position = self._string(block, position)
        elif index < len(self._known):
            name = self._known[index][0]
        else:
            raise HpackError("The header block names a field that is not in the table")
        value, position = self._string(block, position)
        field = (name, value)
        if indexed:
            self._add(field)
        return field, position

    def _string(self, block: bytes, position: int) -> tuple[bytes, int]:
        """A string (RFC 7541 section 5.2), and the position after it."""
        start = position
        length, position = decode_integer(block, position, 0x7F)
        end = position + length
        if end > len(block):
            raise HpackError("A string in the header block is cut off")
        if block[start] & 0x80:
            return decode_huffman(block[position:end]), end
        return block[position:end], end

    def _add(self, field: tuple[bytes, ...]) -> None:
        """Puts a field into the table; one that is larger than the table empties it (RFC 7541 section 4.4)."""
        size = len(field[0]) + len(field[1]) + FIELD_OVERHEAD
        self._evict(self._capacity - size)
        if size <= self._capacity:
            self._known.insert(FIRST_DYNAMIC, field)
            self._used += size

    def _evict(self, room: int) -> None:
        """Drops the oldest fields until no more than `room` bytes are used."""
        known = self._known
        while self._used > room and len(known) > FIRST_DYNAMIC:
            oldest = known.pop()
            self._used -= len(oldest[0]) + len(oldest[1]) + FIELD_OVERHEAD

    def _resize(self, block: bytes, position: int) -> int:
        """Takes a new size of the table (RFC 7541 section 6.3), and tells the position after it."""
        size, position = decode_integer(block, position, 0x1F)
        if size > self._max_table:
            raise HpackError("The header block makes the table larger than we allow")
        self._capacity = size
        self._evict(size)
        return position
