"""The tokens of the admin listener: those of the settings, or one that is made and kept. Not for checking requests."""

import ipaddress
import os
import re
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from app.infrastructure.control.state_place import OFF, make_private

NAME: Final = "admin-token"
LARGEST: Final = 4096
"""Bytes of the largest file of a token."""

_TOKEN: Final = re.compile(r"[\x21-\x7e]+")


class AdminTokens(msgspec.Struct, frozen=True):
    """What callers of the admin listener prove themselves with."""

    write: str
    """May read and write."""
    read: str = ""
    """May only read; empty when there is no such token."""
    generated: bool = False
    """Whether `write` was made just now, so that somebody has to be told."""

    def __repr__(self) -> str:
        return f"AdminTokens(generated={self.generated})"


def tokens_for(write: str, read: str, listen: str, state_dir: str) -> AdminTokens:
    """The tokens for a listener at `listen` (`host:port`); there is no default that an attacker could know.

    Without `write` one is made on a loopback address, and kept in `state_dir` so that commands on this machine find
    it (unless that is `off`). Raises ValueError with what to do.
    """
    for name, token in (("GATEWAY_ADMIN_TOKEN", write), ("GATEWAY_ADMIN_READ_TOKEN", read)):
        if token and not _TOKEN.fullmatch(token):
            raise ValueError(f"{name}: expected printable ASCII characters without blanks")
    if write and write == read:
        raise ValueError("GATEWAY_ADMIN_READ_TOKEN: must not be the token that may write")
    if write:
        return AdminTokens(write, read)
    if not is_loopback(listen):
        raise ValueError(
            f"GATEWAY_ADMIN_TOKEN: must be set, because {listen} can be reached from other machines;"
            " or listen on 127.0.0.1"
        )
    if state_dir == OFF:
        return AdminTokens(secrets.token_urlsafe(32), read, generated=True)
    try:
        token, generated = _kept_or_made(Path(state_dir))
    except OSError as error:
        reason = error.strerror or str(error)
        raise ValueError(
            f"no token can be kept in {state_dir}: {reason}; set GATEWAY_ADMIN_TOKEN, or another GATEWAY_STATE_DIR"
        ) from None
    return AdminTokens(token, read, generated)


def read_kept_token(state_dir: str) -> str:
    """The token that a gateway of this user made on this machine, empty when there is none.

    Raises ValueError for a file that others can read or may have written: whoever did would know, or choose, the token.
    """
    file = Path(state_dir) / NAME
    if state_dir == OFF:
        return ""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ValueError(f"{file}: cannot be read: {error.strerror}") from None
    with os.fdopen(descriptor, "rb") as opened:
        found = os.fstat(opened.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{file}: is no regular file; remove it")
        if found.st_uid != os.geteuid():
            raise ValueError(f"{file}: belongs to another user; remove it, or run as that user")
        if found.st_mode & 0o077:
            raise ValueError(f"{file}: others may read it; remove it, and the gateway makes another token")
        token = opened.read(LARGEST).strip().decode("ascii", "replace")
    if not _TOKEN.fullmatch(token):
        raise ValueError(f"{file}: holds no token; remove it, and the gateway makes another")
    return token


def is_loopback(listen: str) -> bool:
    """Whether only this machine can reach `listen`; a name other than localhost may lead anywhere."""
    host = listen.rpartition(":")[0].strip("[]")
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _kept_or_made(directory: Path) -> tuple[str, bool]:
    """The token, and whether it is new. Raises OSError, ValueError."""
    make_private(directory)
    kept = read_kept_token(str(directory))
    if kept:
        return kept, False
    token = secrets.token_urlsafe(32)
    descriptor, name = tempfile.mkstemp(prefix=f".{NAME}.", dir=directory)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(token + "\n")
        # A link fails where the name is taken: of two gateways that start at once, one makes the token.
        with suppress(FileExistsError):
            os.link(name, directory / NAME)
            return token, True
    finally:
        os.unlink(name)
    return read_kept_token(str(directory)), False
