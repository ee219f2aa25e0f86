"""Encodes the fields of answers for HTTP/2 (RFC 7541), one encoder a connection: processor time first, then bytes."""

from typing import Final, cast

from app.infrastructure.downstream.hpack_huffman import encode_huffman, huffman_length
from app.infrastructure.downstream.hpack_integers import encode_integer
from app.infrastructure.downstream.hpack_tables import FIELD_OVERHEAD, FIRST_DYNAMIC, STATIC_FIELDS

MAX_TABLE: Final = 4096
"""Bytes, however many more the peer offers: a connection is not to cost more memory than that."""
MAX_NAMES: Final = 32
"""How many names a connection remembers the last value of."""
MAX_PREFIXES: Final = 512
"""How many names a process remembers the beginning of a literal for, and how long they may be, in bytes:"""
MAX_NAME: Final = 64

NEVER_INDEXED: Final = frozenset((b"authorization", b"proxy-authorization", b"cookie", b"set-cookie"))
"""Secrets: no table keeps them here or beyond a proxy (RFC 7541 section 7.1.3)."""
REPEATED: Final = frozenset((b"cache-control", b"content-type", b"server", b"vary", b"via"))
"""What is as good as sure to come again is put into the table at first sight; all else when its value has come twice
in a row, so that what changes with every answer does not drive out the rest."""

NAME_INDEX: Final = {name: index for index, (name, _) in reversed(list(enumerate(STATIC_FIELDS, 1)))}
STATUS_INDEX: Final = {int(value): index for index, (name, value) in enumerate(STATIC_FIELDS, 1) if name == b":status"}
STATUSES: Final[dict[int, bytes]] = {
    status: encode_integer(STATUS_INDEX[status], 0x7F, 0x80)
    if status in STATUS_INDEX
    else encode_integer(NAME_INDEX[b":status"], 0x0F, 0) + b"\x03" + str(status).encode()
    for status in range(100, 1000)
}
INDEXED: Final = [encode_integer(index, 0x7F, 0x80) for index in range(FIRST_DYNAMIC + MAX_TABLE // FIELD_OVERHEAD)]
LENGTHS: Final = [bytes((length,)) for length in range(0x7F)]
PREFIXES: Final[dict[bytes, bytes]] = {}
"""The beginning of a literal that no table keeps, by the name of its field."""


def literal_string(value: bytes) -> bytes:
    """A string as it is (RFC 7541 section 5.2)."""
    return encode_integer(len(value), 0x7F, 0) + value


def shortest_string(value: bytes) -> bytes:
    """A string in the shorter of its two forms: for what is sent once and then kept."""
    length = huffman_length(value)
    if length < len(value):
        return encode_integer(length, 0x7F, 0x80) + encode_huffman(value)
    return literal_string(value)


def literal_name(name: bytes, mask: int, flags: int) -> bytes:
    """The beginning of a literal: its kind in `flags`, and the name, by its index where it has one."""
    index = NAME_INDEX.get(name, 0)
    if index:
        return encode_integer(index, mask, flags)
    return bytes((flags,)) + shortest_string(name)


def unindexed(name: bytes) -> bytes:
    """The beginning of a literal that no table keeps (RFC 7541 sections 6.2.2 and 6.2.3)."""
    prefix = literal_name(name, 0x0F, 0x10 if name in NEVER_INDEXED else 0)
    if len(name) <= MAX_NAME:
        if len(PREFIXES) >= MAX_PREFIXES:
            PREFIXES.clear()
        PREFIXES[name] = prefix
    return prefix


class HeaderEncoder:
    """Names are to be lower case. Bounded: the table by 4096 bytes, what it remembers besides by MAX_NAMES."""

    __slots__ = ("_added", "_capacity", "_entries", "_last", "_lowest", "_max_table", "_numbers", "_resized", "_used")

    def __init__(self, max_table: int = MAX_TABLE) -> None:
        """`max_table`: bytes of the dynamic table, at most 4096."""
        self._max_table = min(max_table, MAX_TABLE)
        self._capacity = self._max_table
        self._lowest = self._max_table
        self._resized = self._max_table != MAX_TABLE
        self._used = 0
        self._added = 0
        """How many fields were ever put into the table: what their indices are reckoned from."""
        self._entries: list[tuple[bytes, ...]] = []
        """The fields in the table, oldest first."""
        self._numbers: dict[tuple[bytes, ...], int] = {}
        """The how-manieth each field in the table was."""
        self._last: dict[bytes, bytes] = {}
        """The last value of a name, where it was not in the table."""

    def encode(self, status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
        """The block of an answer's head: `:status` (100 to 999), then the fields."""
        return self._block(STATUSES[status], headers)

    def encode_fields(self, headers: list[tuple[bytes, bytes]]) -> bytes:
        """The block of fields that follow a body (trailers)."""
        return self._block(b"", headers)

    def resize(self, size: int) -> None:
        """Takes the peer's SETTINGS_HEADER_TABLE_SIZE, in bytes; the next block tells of it (RFC 7541 section 4.2)."""
        size = min(size, self._max_table)
        if size == self._capacity:
            return
        self._capacity = size
        self._lowest = min(self._lowest, size)
        self._resized = True
        self._evict(size)

    def _block(self, first: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
        out = [self._size_update(), first] if self._resized else [first]
        numbers = self._numbers
        # As tuples of any length: mypyc would take pairs apart and put them together again to look them up.
        for field in cast("list[tuple[bytes, ...]]", headers):
            number = numbers.get(field)
            if number is not None:
                out.append(INDEXED[FIRST_DYNAMIC + self._added - number])
                continue
            name = field[0]
            value = field[1]
            if self._repeats(name, value):
                out.append(self._added_field(field))
                continue
            prefix = PREFIXES.get(name)
            out.append(unindexed(name) if prefix is None else prefix)
            length = len(value)
            out.append(LENGTHS[length] if length < 0x7F else encode_integer(length, 0x7F, 0))
            out.append(value)
        return b"".join(out)

    def _repeats(self, name: bytes, value: bytes) -> bool:
        """Whether a field is worth a place in the table; one that would take more than half of it never is."""
        if (len(name) + len(value) + FIELD_OVERHEAD) * 2 > self._capacity or name in NEVER_INDEXED:
            return False
        if self._last.get(name) == value or name in REPEATED:
            return True
        if len(self._last) >= MAX_NAMES:
            self._last.clear()
        self._last[name] = value
        return False

    def _added_field(self, field: tuple[bytes, ...]) -> bytes:
        """Puts a field into the table, and tells so (RFC 7541 section 6.2.1)."""
        size = len(field[0]) + len(field[1]) + FIELD_OVERHEAD
        self._evict(self._capacity - size)
        self._used += size
        self._added += 1
        self._entries.append(field)
        self._numbers[field] = self._added
        return literal_name(field[0], 0x3F, 0x40) + shortest_string(field[1])

    def _evict(self, room: int) -> None:
        """Drops the oldest fields until no more than `room` bytes are used."""
        entries = self._entries
        while self._used > room:
            oldest = entries.pop(0)
            del self._numbers[oldest]
            self._used -= len(oldest[0]) + len(oldest[1]) + FIELD_OVERHEAD

    def _size_update(self) -> bytes:
        """The lowest size since the last block, and the one that it is now (RFC 7541 section 4.2)."""
        update = encode_integer(self._capacity, 0x1F, 0x20)
        if self._lowest < self._capacity:
            update = encode_integer(self._lowest, 0x1F, 0x20) + update
        self._lowest = self._capacity
        self._resized = False
        return update
