"""The LastKnownGood over a JSON file in a directory for state. Soft: whatever fails is an event, never an error."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from app.domain.entities.config import SECTIONS, ConfigError, GatewayConfig
from app.domain.ports import Events
from app.infrastructure.config.documents import DocumentError, parse
from app.infrastructure.config.entity_intake import TextReader
from app.infrastructure.config.units_codec import to_text

OFF: Final = "off"
PIECE: Final = 100
"""Entities that are encoded at once."""
PAUSE: Final = 0.0002
"""Seconds between two pieces: a thread that only offers its turn keeps the event loop waiting for milliseconds."""


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a copy holds, its entities not looked at yet."""

    services: dict[str, msgspec.Raw]
    routes: dict[str, msgspec.Raw]
    issuers: dict[str, msgspec.Raw] = {}
    consumers: dict[str, msgspec.Raw] = {}
    chains: dict[str, msgspec.Raw] = {}
    """Copies of earlier versions lack those with a default."""


class FileLastKnownGood:
    """One copy for each source, so that gateways on one machine do not mix; all workers of a gateway share it.

    Secrets are kept as references: a copy that is loaded reads them again.
    """

    def __init__(self, directory: str, source: str | Path, reader: TextReader, events: Events) -> None:
        """`source` is where the configuration comes from; the directory `off` keeps nothing."""
        key = blake2b(os.path.abspath(source).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
        self._file = None if directory == OFF else Path(directory) / f"configuration-{key}.json"
        self._reader = reader
        self._events = events
        self._failed: set[tuple[str, str]] = set()

    def save(self, config: GatewayConfig) -> None:
        """See the port. What is stored already is not written again.

        Made to run in a thread while requests are served: it encodes a hundred entities at a time and rests, so that
        the event loop gets its turn. It costs as much as the whole configuration, whatever has changed: many changes in
        a short time are better saved once.
        """
        if self._file is None:
            return
        try:
            data = b"".join(_pieces(config))
            if self._stored() != data:
                _replace(self._file, data)
            self._failed.clear()
        except OSError as error:
            self._warn("the configuration could not be kept for a later start", error.strerror or str(error))

    def load(self) -> GatewayConfig | None:
        """See the port."""
        if self._file is None:
            return None
        try:
            data = self._stored()
            return None if data is None else self._read(data)
        except OSError as error:
            self._warn("the last configuration that worked cannot be read", error.strerror or str(error))
        except (ConfigError, DocumentError) as error:
            self._warn("the last configuration that worked cannot be used", str(error))
        return None

    def _read(self, data: bytes) -> GatewayConfig:
        """Raises ConfigError and DocumentError. What was written here is read entity by entity, which is fast."""
        source = str(self._file)
        try:
            kept = msgspec.json.decode(data, type=Kept)
        except msgspec.DecodeError:
            document: Any = parse(data, ".json").value
            return self._reader.config(document, source)
        read = {
            section: {
                id_: self._reader.read(section, id_, bytes(raw), source) for id_, raw in getattr(kept, section).items()
            }
            for section in SECTIONS
        }
        return msgspec.convert(read, GatewayConfig)

    def _stored(self) -> bytes | None:
        """The copy, None when there is none. Raises OSError."""
        assert self._file is not None  # noqa: S101  # asked before
        try:
            with self._file.open("rb") as file:
                if os.fstat(file.fileno()).st_uid not in (os.geteuid(), 0):
                    raise PermissionError(1, "belongs to another user")
                return file.read()
        except FileNotFoundError:
            return None

    def _warn(self, message: str, reason: str) -> None:
        """Once for each reason: every change of the configuration comes here."""
        if (message, reason) not in self._failed:
            self._failed.add((message, reason))
            self._events.warning(message, file=str(self._file), reason=reason)


def _pieces(config: GatewayConfig) -> Iterator[bytes]:
    """The configuration as a JSON document, in pieces that take a moment: msgspec lets no other thread run."""
    comma = b"{"
    for section in SECTIONS:
        yield comma + msgspec.json.encode(section) + b":{"
        entities = iter(getattr(config, section).items())
        between = b""
        while piece := dict(islice(entities, PIECE)):
            yield between + msgspec.json.encode(piece, enc_hook=to_text)[1:-1]
            between = b","
            time.sleep(PAUSE)
        yield b"}"
        comma = b","
    yield b"}"


def _replace(file: Path, data: bytes) -> None:
    """Old or new content, never a part, whoever else writes and whenever the power fails. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(data)
            temporary.flush()
            os.fsync(temporary.fileno())
        os.replace(name, file)
    except OSError:
        with suppress(OSError):
            os.unlink(name)
        raise
    with suppress(OSError):
        _sync_directory(file.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
