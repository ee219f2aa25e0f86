"""The RouteRepository over one file: YAML, JSON or TOML by its suffix. Not for what may stand in it: `decoder`."""

import asyncio
import stat
from collections.abc import AsyncGenerator
from contextlib import aclosing
from hashlib import blake2b
from pathlib import Path
from typing import Final

from app.domain.entities.config import ConfigChange, ConfigError, ConfigProblem, GatewayConfig
from app.domain.ports import Events, StoreStatus
from app.infrastructure.config.decoder import Decoder
from app.infrastructure.config.documents import DocumentError, parse
from app.infrastructure.config.file_changes import FileChanges

MAX_SIZE: Final = 10 * 1024 * 1024
MOST_REFUSED: Final = 100
"""Problems that the status tells of."""


class FileRepository:
    """`hint` is told with the problem when there is no file; `max_size` is in bytes."""

    def __init__(
        self, path: str | Path, decoder: Decoder, events: Events, max_size: int = MAX_SIZE, hint: str = ""
    ) -> None:
        self._path = Path(path)
        self._decoder = decoder
        self._max_size = max_size
        self._hint = f"; {hint}" if hint else ""
        self._changes = FileChanges(self._path, events)
        self._seen = ""
        """Digest of the content that was loaded or told of last."""
        self._status = StoreStatus()

    async def load(self) -> GatewayConfig:
        """See the port. Reads and decodes in a thread; an empty file is an empty configuration."""
        try:
            config = await asyncio.to_thread(self._load)
        except ConfigError as error:
            self._note(error.problems)
            raise
        self._note([])
        return config

    async def changes(self) -> AsyncGenerator[ConfigChange | None, None]:
        """See the port. Yields None, and only when the content is another than the one loaded last."""
        async with aclosing(self._changes()) as looks:
            async for _ in looks:
                seen = await asyncio.to_thread(self._fingerprint)
                if seen != self._seen:
                    self._seen = seen
                    yield None

    def status(self) -> StoreStatus:
        """See the port. A file with a mistake is refused whole, and tells every mistake; times are the event loop's."""
        if self._status.problem:
            return self._status
        checked = max(self._status.checked, self._changes.looked)
        return StoreStatus(checked, refused=self._status.refused)

    def adopt(self, config: GatewayConfig) -> None:
        """See the port. A file counts as a whole, so that there is nothing to keep of what was before."""

    async def aclose(self) -> None:
        """See the port. Nothing stays open between two looks."""

    def _note(self, problems: list[ConfigProblem]) -> None:
        """A file that cannot be read at all is a problem of the store."""
        unread = [str(problem) for problem in problems if not (problem.entity or problem.field)]
        checked = self._status.checked if unread else asyncio.get_running_loop().time()
        self._status = StoreStatus(checked, unread[0] if unread else "", tuple(problems[:MOST_REFUSED]))

    def _load(self) -> GatewayConfig:
        try:
            data = self._read()
        except ConfigError as error:
            self._seen = str(error)
            raise
        self._seen = _digest(data)
        try:
            document = parse(data, self._path.suffix)
        except DocumentError as error:
            raise self._refused(error.reason, error.line) from None
        return self._decoder.decode(document, str(self._path))

    def _fingerprint(self) -> str:
        """A digest of the content, or the reason why there is none."""
        try:
            return _digest(self._read())
        except ConfigError as error:
            return str(error)

    def _read(self) -> bytes:
        """Raises ConfigError. What is no regular file is not opened: reading a pipe or a terminal would never end."""
        try:
            if not stat.S_ISREG(self._path.stat().st_mode):
                raise self._refused("is a directory" if self._path.is_dir() else "is no regular file")
            with self._path.open("rb") as file:
                data = file.read(self._max_size + 1)
        except FileNotFoundError:
            raise self._refused(f"does not exist{self._hint}") from None
        except (OSError, ValueError) as error:
            raise self._refused(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
        if len(data) > self._max_size:
            raise self._refused(f"is larger than {self._max_size} bytes (GATEWAY_MAX_CONFIG)")
        return data

    def _refused(self, reason: str, line: int = 0) -> ConfigError:
        return ConfigError([ConfigProblem(str(self._path), "", "", reason, line)])


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=16).hexdigest()
