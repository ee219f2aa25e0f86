"""The form of a journal of revisions: lines of entities, then a line that makes them count. Not for who writes it.

`["routes","hello",{…}]` sets an entity, `["routes","hello",null]` removes one; `{"revision":…}` ends the group of one
revision. The first group holds a whole configuration. What follows the last complete group does not count; what counts
is never changed in place, so that others may read while one process writes.
"""

import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

import msgspec

from app.domain.control_ports import UnknownRevision
from app.domain.entities.config import SECTIONS
from app.domain.entities.control import Revision

HEADER: Final = b"# Revisions of a gateway's configuration, form 1\n"
"""The first line of a file."""
BLOCK: Final = 64 * 1024

State = dict[str, dict[str, bytes]]
"""Section to id to the entity as JSON."""


class JournalDamaged(ValueError):
    """Content that no gateway wrote so."""


class Commit(msgspec.Struct, frozen=True):
    """The last line of a group."""

    revision: Revision
    size: int
    """Bytes of the lines before it."""
    check: int
    """CRC-32 of these."""


class Found(NamedTuple):
    """A commit, and where its line begins and ends."""

    commit: Commit
    start: int
    end: int


_COMMIT: Final = msgspec.json.Decoder(Commit)
_ENTITY: Final = msgspec.json.Decoder(tuple[str, str, msgspec.Raw])


def entity_line(section: str, id_: str, document: bytes | None) -> bytes:
    """`document` is JSON without line breaks, None for an entity that is gone."""
    names = msgspec.json.encode((section, id_))[:-1]
    return names + b"," + (b"null" if document is None else document) + b"]\n"


def commit_line(commit: Commit) -> bytes:
    """The line that ends a group."""
    return msgspec.json.encode(commit) + b"\n"


def commits(file: BinaryIO) -> Iterator[Found]:
    """The commits of a file, the newest first; reads as little as possible. Raises OSError."""
    descriptor = file.fileno()
    end = os.fstat(descriptor).st_size
    for start in _openings(descriptor, end):
        line = _line(descriptor, start, end)
        try:
            yield Found(_COMMIT.decode(line), start, start + len(line))
        except msgspec.DecodeError:
            continue


def state_at(file: BinaryIO, end: int, number: int) -> State:
    """The configuration of a revision, from the lines before `end`. Raises UnknownRevision, JournalDamaged, OSError."""
    state: State = {section: {} for section in SECTIONS}
    check = position = 0
    file.seek(0)
    while position < end:
        line = file.readline()
        if not line:
            break
        position += len(line)
        if line == HEADER:
            continue
        if line.startswith(b"["):
            check = zlib.crc32(line, check)
            _apply(state, line)
            continue
        commit = _commit(line)
        if commit.check != check:
            raise JournalDamaged(f"the lines of revision {commit.revision.number} are not those that were written")
        if commit.revision.number == number:
            return state
        check = 0
    raise UnknownRevision(f"revision {number} is not kept")


def is_whole(file: BinaryIO, found: Found) -> bool:
    """Whether the lines of a group are those that were written, which a loss of power may prevent. Raises OSError."""
    start = found.start - found.commit.size
    if start < 0:
        return False
    left, check = found.commit.size, 0
    file.seek(start)
    while left:
        block = file.read(min(left, BLOCK))
        if not block:
            return False
        check = zlib.crc32(block, check)
        left -= len(block)
    return check == found.commit.check


def _apply(state: State, line: bytes) -> None:
    try:
        section, id_, document = _ENTITY.decode(line)
    except msgspec.DecodeError:
        raise JournalDamaged("holds a line that is no entity") from None
    entities = state.setdefault(section, {})
    data = bytes(document)
    if data == b"null":
        entities.pop(id_, None)
    else:
        entities[id_] = data


def _commit(line: bytes) -> Commit:
    try:
        return _COMMIT.decode(line)
    except msgspec.DecodeError:
        raise JournalDamaged("holds a line that is no revision") from None


def _openings(descriptor: int, end: int) -> Iterator[int]:
    """Where lines begin with `{`, the last first. The first line of a file is its header."""
    position = end
    while position > 1:
        start = max(0, position - BLOCK)
        block = os.pread(descriptor, position - start, start)
        at = len(block)
        while (at := block.rfind(b"\n{", 0, at)) >= 0:
            yield start + at + 1
        if start == 0:
            return
        # The next block takes in one byte of this one, for a line break that is the last byte of the next.
        position = start + 1


def _line(descriptor: int, start: int, end: int) -> bytes:
    """The line at `start` with its line break, empty when it has none."""
    parts: list[bytes] = []
    while start < end:
        block = os.pread(descriptor, min(BLOCK, end - start), start)
        at = block.find(b"\n")
        if at >= 0:
            return b"".join([*parts, block[: at + 1]])
        if not block:
            break
        parts.append(block)
        start += len(block)
    return b""
