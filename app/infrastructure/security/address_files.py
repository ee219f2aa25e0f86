"""The address files that routes name: one value for each path, kept up to date in the background.

Files are read where nothing waits for the event loop: small ones and those of a start at once, large ones in a thread.
"""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from app.domain.errors import GatewayRefusal
from app.domain.policies.address_table import AddressTable
from app.domain.ports import Events
from app.infrastructure.security.address_lines import read_addresses
from app.infrastructure.security.followed_file import FollowedFile

LOOK_EVERY: Final = 2.0
"""Seconds."""
_SMALL: Final = 32 * 1024
"""Bytes that are read within a few milliseconds."""


class ListedAddresses:
    """The AddressFile of one path."""

    def __init__(self, path: str, events: Events) -> None:
        self._file: FollowedFile[AddressTable] = FollowedFile(path, "a file of addresses", read_addresses, events)
        self._loading: asyncio.Future[None] | None = None

    @property
    def loading(self) -> Awaitable[None] | None:
        """None once the file was read, or could not be; everybody who waits may do so."""
        return None if self._loading is None else asyncio.shield(self._loading)

    def __contains__(self, address: str) -> bool:
        table = self._file.content
        if table is None:
            raise GatewayRefusal("a list of addresses cannot be read", code="address_file_unreadable")
        return address in table

    def read_now(self) -> None:
        """Raises ValueError when it cannot be read."""
        self._file.open()

    def read_later(self) -> None:
        """Have `look` read it. Raises ValueError when it is not there."""
        try:
            with Path(self._file.path).open("rb"):
                self._loading = asyncio.get_running_loop().create_future()
        except OSError as error:
            raise ValueError(f"{self._file.path}: {error.strerror or error}") from error

    async def look(self) -> None:
        """Read it if it changed, or was not read yet."""
        await asyncio.to_thread(self._file.look)
        if self._loading is not None:
            self._loading.set_result(None)
            self._loading = None


class AddressFiles:
    """All of them. A file that no route names any more is forgotten."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._files: WeakValueDictionary[str, ListedAddresses] = WeakValueDictionary()
        self._runs = False
        self._wake = asyncio.Event()

    def file(self, path: str) -> ListedAddresses:
        """The file of this path. Raises ValueError when it cannot be read now."""
        found = self._files.get(path)
        if found is None:
            found = ListedAddresses(path, self._events)
            if self._runs and _is_large(path):
                found.read_later()
                self._wake.set()
            else:
                found.read_now()
            self._files[path] = found
        return found

    async def run(self) -> None:
        """Look at the files, for ever."""
        self._runs = True
        while True:
            self._wake.clear()
            for listed in list(self._files.values()):
                await listed.look()
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._wake.wait()
            except TimeoutError:
                continue


def _is_large(path: str) -> bool:
    try:
        return Path(path).stat().st_size > _SMALL
    except (OSError, ValueError):
        return False
