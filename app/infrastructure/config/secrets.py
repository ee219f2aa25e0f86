"""Values that stand elsewhere: `env:NAME` and `file:/path` in place of any text. Not for keeping them.

The configuration carries the value; what is shown, logged or stored is the reference.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Self

LARGEST: Final = 1024 * 1024
"""Bytes of the largest secret file."""

_ENVIRONMENT: Final = re.compile(r"env:(\S*)")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Secret(str):
    """A value that knows what stood in its place. Its representation is that reference, so that errors do not tell."""

    __slots__ = ("reference",)

    reference: str

    def __new__(cls, value: str, reference: str) -> Self:
        self = super().__new__(cls, value)
        self.reference = reference
        return self

    def __repr__(self) -> str:
        return repr(self.reference)


class SecretReader:
    """Reads what references stand for."""

    def __init__(self, environment: Mapping[str, str], allowed: Iterable[str] | None = None) -> None:
        """`allowed` are the variables, files and directories that may be read; None allows all.

        Whoever may write what is read here could otherwise publish any file of the host as a fixed answer (A-70).
        """
        self._environment = environment
        self._allowed = None if allowed is None else frozenset(allowed)

    def __call__(self, text: str) -> str:
        """The value of a reference, or `text` itself when it is none. Raises ValueError that never tells a value."""
        if text.startswith("file:/"):
            name = text.removeprefix("file:")
            self._check(text, {name, *_above(name)})
            return Secret(_from_file(name), text)
        reference = _ENVIRONMENT.fullmatch(text)
        if reference is None:
            return text
        self._check(text, {reference[1]})
        return Secret(self._from_environment(reference[1]), text)

    def _check(self, text: str, names: set[str]) -> None:
        """Raises ValueError unless one of the names of what `text` refers to is allowed."""
        if self._allowed is not None and not names & self._allowed:
            raise ValueError(f"{text} may not be read by what comes from a store: allow it by GATEWAY_STORE_SECRETS")

    def _from_environment(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"expected the name of an environment variable after env:, got {name!r}")
        value = self._environment.get(name, "")
        if not value:
            raise ValueError(f"environment variable {name} is {'empty' if name in self._environment else 'not set'}")
        return value


def read_secret(text: str) -> str:
    """The value of a reference, with the environment of this process."""
    return SecretReader(os.environ)(text)


def _above(name: str) -> set[str]:
    """The directories that a file is in, wherever links lead."""
    return {str(folder) for folder in Path(name).resolve().parents if folder != folder.parent}


def _from_file(name: str) -> str:
    path = Path(name)
    try:
        if not path.is_file():
            raise ValueError(f"secret file {name} {'is no file' if path.exists() else 'does not exist'}")
        if path.stat().st_size > LARGEST:
            raise ValueError(f"secret file {name} is larger than {LARGEST} bytes")
        value = path.read_text("utf-8").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise ValueError(f"secret file {name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"secret file {name} is not UTF-8 text") from None
    if not value:
        raise ValueError(f"secret file {name} is empty")
    return value
