"""Puts new content in the place of a file, whole or not at all, one process at a time. Not for what is in it."""

import errno
import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from app.domain.control_ports import StoreRejected, StoreUnavailable

LOOKS: Final = 500
"""How often it is tried to get the lock."""
PAUSE: Final = 0.02
"""Seconds between two tries."""
NEW_MODE: Final = 0o600

_REASONS: Final = {
    errno.EBUSY: "is mounted by itself, so that nothing can take its place: mount its directory instead",
    errno.EROFS: "is on a file system that is mounted read-only: change it where it comes from",
}


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Keeps other processes that ask from changing files in the same directory.

    The directory itself is what is locked, so that no file is left behind. Raises StoreUnavailable, StoreRejected.
    """
    directory = file.parent
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise StoreRejected(f"{file}: {directory} cannot be opened: {error.strerror}") from None
    try:
        _lock(file, descriptor)
        yield
    finally:
        os.close(descriptor)


def final_file(file: Path) -> Path:
    """The file that all links lead to. Raises StoreRejected for one that a program keeps there and would put back."""
    try:
        real = file.resolve()
    except (OSError, RuntimeError, ValueError):
        raise StoreRejected(f"{file}: leads nowhere; mend the link") from None
    # https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
    if file.is_symlink() and "..data" in Path(os.readlink(file)).parts:
        raise StoreRejected(f"{file}: comes from a Kubernetes volume: change the ConfigMap or Secret itself")
    return real


def replace(file: Path, data: bytes) -> None:
    """`data` in the place of `file`, with its mode and its owner. Raises StoreRejected, StoreUnavailable."""
    try:
        _replace(file, data)
    except OSError as error:
        if error.errno in _REASONS:
            raise StoreRejected(f"{file}: {_REASONS[error.errno]}") from None
        if isinstance(error, PermissionError):
            raise StoreRejected(
                f"{file}: may not be written: {error.strerror}; give the gateway the right to"
            ) from None
        raise StoreUnavailable(f"{file}: cannot be written: {error.strerror}") from None


def _replace(file: Path, data: bytes) -> None:
    found = _state(file)
    if found is not None and not os.access(file, os.W_OK):
        raise StoreRejected(f"{file}: is read-only; make it writable for the gateway")
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(data)
            if found is not None:
                _keep_owner(file, temporary.fileno(), found)
            os.fchmod(temporary.fileno(), NEW_MODE if found is None else stat.S_IMODE(found.st_mode))
            temporary.flush()
            os.fsync(temporary.fileno())
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    _sync(file.parent)


def _state(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except FileNotFoundError:
        return None


def _keep_owner(file: Path, descriptor: int, before: os.stat_result) -> None:
    """A file that changes hands may not be readable any more for those who read it."""
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) == (before.st_uid, before.st_gid):
        return
    try:
        os.fchown(descriptor, before.st_uid, before.st_gid)
    except PermissionError:
        owner = f"user {before.st_uid} and group {before.st_gid}"
        raise StoreRejected(f"{file}: belongs to {owner}, and could not be given back; run as that user") from None


def _lock(file: Path, descriptor: int) -> None:
    for _ in range(LOOKS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE)
        except OSError as error:
            raise StoreUnavailable(f"{file}: its directory cannot be locked: {error.strerror}") from None
        else:
            return
    raise StoreUnavailable(f"{file}: another process has been writing for {LOOKS * PAUSE:.0f}s; try again")


def _sync(directory: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
