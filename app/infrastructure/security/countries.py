"""Countries of addresses, from a database in MaxMind's format. Not for what a country may do.

The file is read into memory: one that is cut off or written to in place cannot crash the process, as a mapped one
would (F-32).
"""

import asyncio
import io
from pathlib import Path
from typing import Any, Final

import maxminddb

from app.domain.policies.addresses import parse
from app.domain.ports import Events
from app.infrastructure.security.followed_file import FollowedFile

LOOK_EVERY: Final = 2.0
"""Seconds."""
_REMEMBERED: Final = 16384
_LONGEST: Final = 64
_PROBES: Final = ("1.1.1.1", "8.8.8.8", "127.0.0.1", "192.0.2.1", "223.255.255.254", "2001:4860::1", "fe80::1")
"""Looked up before a database is used: one whose tree or data is damaged fails here as a rule."""


class _Database:
    """One reader, and what it said. Both go when the file is replaced."""

    def __init__(self, reader: maxminddb.Reader) -> None:
        self._reader = reader
        self._six = reader.metadata().ip_version == 6
        self.remembered: dict[str, str] = {}

    def country(self, text: str) -> str:
        """The code; empty when the database has none. Raises ValueError for a damaged database."""
        address = parse(text)
        if address is None or (address.version == 6 and not self._six):
            return ""
        try:
            return _code(self._reader.get(address))
        except (maxminddb.InvalidDatabaseError, IndexError, KeyError, TypeError, UnicodeError, RecursionError) as error:
            raise ValueError(f"the database is damaged: {type(error).__name__}") from error


class Countries:
    """The Countries of a gateway; without a path it knows none."""

    def __init__(self, path: str, events: Events) -> None:
        self._file: FollowedFile[_Database] | None = None
        if path:
            self._file = FollowedFile(path, "the database of countries", _open, events)
        self._events = events
        self._told: _Database | bool = False

    def needed(self) -> None:
        """Some route asks for countries: open the database now, or say that there is none."""
        if self._file is None:
            if not self._told:
                self._told = True
                self._events.warning("routes ask for countries, but GATEWAY_GEO_DATABASE is not set: all are unknown")
        elif self._file.content is None:
            self._file.look()

    def country(self, address: str) -> str:
        """ISO 3166-1 alpha-2 code in capitals; empty when it is not known."""
        database = None if self._file is None else self._file.content
        if database is None:
            return ""
        remembered = database.remembered
        code = remembered.get(address)
        if code is None:
            code = self._look_up(database, address)
            if len(address) <= _LONGEST:
                if len(remembered) >= _REMEMBERED:
                    remembered.clear()
                remembered[address] = code
        return code

    def _look_up(self, database: _Database, address: str) -> str:
        try:
            return database.country(address)
        except ValueError as error:
            if self._told is not database:
                self._told = database
                self._events.warning("some countries cannot be looked up: they are unknown", problem=str(error))
            return ""

    async def run(self) -> None:
        """Look whether the database was replaced, for ever."""
        while self._file is not None:
            await asyncio.to_thread(self._file.look)
            await asyncio.sleep(LOOK_EVERY)


def _open(path: str) -> _Database:
    """Raises OSError and ValueError."""
    try:
        database = _Database(maxminddb.Reader(io.BytesIO(Path(path).read_bytes()), maxminddb.MODE_FD))
    except (maxminddb.InvalidDatabaseError, TypeError, KeyError, IndexError, UnicodeError, RecursionError) as error:
        raise ValueError(f"not a database in MaxMind's format: {type(error).__name__}") from error
    for probe in _PROBES:
        database.country(probe)
    return database


def _code(record: Any) -> str:
    """Of GeoLite2, GeoIP2 and DB-IP: `country.iso_code`; of IPinfo: `country` or `country_code`.

    Where a block was registered (`registered_country`) is not where its addresses are.
    """
    if not isinstance(record, dict):
        return ""
    country = record.get("country", record.get("country_code"))
    code = country.get("iso_code") if isinstance(country, dict) else country
    return code.upper() if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha() else ""
