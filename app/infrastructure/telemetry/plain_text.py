"""Makes text from clients safe to print (A-39, CWE-117) and short. Not for secrets: `redaction`."""

from typing import Final

LONGEST: Final = 1024
"""Characters of one value that are kept (A-20)."""


def printable(text: str, longest: int = LONGEST) -> str:
    """`text` without anything that moves a cursor, breaks a line or hides: such characters are shown as `\\x1b`."""
    if len(text) > longest:
        text = text[:longest] + "..."
    if text.isprintable():
        return text
    return "".join([char if char.isprintable() else _escape(char) for char in text])


def decoded(value: bytes) -> str:
    """The text of a field's value; bytes that are not UTF-8 are shown as `\\xff`."""
    return value.decode("utf-8", "backslashreplace")


def _escape(char: str) -> str:
    return char.encode("ascii", "backslashreplace").decode() if ord(char) > 0x7F else f"\\x{ord(char):02x}"
