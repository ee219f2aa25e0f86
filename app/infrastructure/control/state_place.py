"""Where the gateway keeps its files below the directory for state. Not for what stands in them."""

import os
import tempfile
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final

OFF: Final = "off"


def place_of(state_dir: str, kind: str, store: str) -> Path | None:
    """`<state_dir>/<kind>-<key>`, the same in every process that uses `store`; None when nothing is to be kept."""
    key = blake2b(store.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return None if state_dir == OFF else Path(state_dir) / f"{kind}-{key}"


def make_private(directory: Path) -> None:
    """Make `directory`, and those above it, for this user alone. Raises OSError, also when it is another user's."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.stat().st_uid not in (os.geteuid(), 0):
        raise PermissionError(1, "belongs to another user")


def replace_file(file: Path, data: bytes) -> None:
    """Old or new content, never a part; only this user may read it. Raises OSError."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(data)
        os.replace(name, file)
    except OSError:
        with suppress(OSError):
            os.unlink(name)
        raise


def sync_directory(directory: Path) -> None:
    """Makes the names in a directory survive a loss of power, where the file system can. Never raises."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
