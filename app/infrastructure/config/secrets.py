"""Values that stand elsewhere: `env:NAME` and `file:/path` in place of any text. Not for keeping them.

The configuration carries the value; what is shown, logged or stored is the reference.
"""

import os
import re
from collections.abc import Mapping
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

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def __call__(self, text: str) -> str:
        """The value of a reference, or `text` itself when it is none. Raises ValueError that never tells a value."""
        if text.startswith("file:/"):
            return Secret(_from_file(text.removeprefix("file:")), text)
        reference = _ENVIRONMENT.fullmatch(text)
        return text if reference is None else Secret(self._from_environment(reference[1]), text)

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
