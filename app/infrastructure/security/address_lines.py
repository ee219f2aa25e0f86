"""Reads a file of addresses and networks. Not for when it is read."""

import time
from pathlib import Path
from typing import Final

from app.domain.policies.address_table import AddressTable
from app.domain.policies.addresses import parse_network

MOST_BYTES: Final = 64 * 1024 * 1024
_TURN: Final = 128
"""Lines after which other threads have their turn: the event loop is one of them."""
_COMMENT: Final = "#;"
"""Lists such as Spamhaus DROP write comments after a semicolon."""


def read_addresses(path: str) -> AddressTable:
    """One address or network a line; what follows `#` or `;` is a comment. Raises OSError, and ValueError that names
    the first bad line: a file is used whole or not at all."""
    if Path(path).stat().st_size > MOST_BYTES:
        raise ValueError(f"the file has more than {MOST_BYTES} bytes")
    table = AddressTable()
    with Path(path).open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if number % _TURN == 0:
                time.sleep(0)
            text = _without_comment(line)
            if not text:
                continue
            try:
                table.add(parse_network(text))
            except ValueError as error:
                raise ValueError(f"line {number}: {str(error)[:200]}") from None
    return table


def _without_comment(line: str) -> str:
    for mark in _COMMENT:
        line = line.partition(mark)[0]
    return line.strip()
