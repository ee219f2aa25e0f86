"""Reads what a command is given: a file, or standard input for `-`. Not for what stands in it."""

import sys
from pathlib import Path
from typing import Any

from app.domain.entities.control import Documents
from app.interfaces.cli.toolbox import Refused, Toolbox


def read_value(toolbox: Toolbox, file: str) -> Any:
    """The plain value in `file`. Raises Refused, ConfigError."""
    return toolbox.read_value(*_read(file))


def read_documents(toolbox: Toolbox, file: str) -> Documents:
    """The whole configuration in `file`. Raises Refused, ConfigError."""
    return toolbox.read_documents(*_read(file))


def _read(file: str) -> tuple[bytes, str, str]:
    """Bytes, suffix, and what to call them. Standard input is YAML, which JSON is too."""
    if file == "-":
        return sys.stdin.buffer.read(), ".yaml", "standard input"
    path = Path(file)
    try:
        return path.read_bytes(), path.suffix, file
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None
