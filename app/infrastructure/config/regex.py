"""Regular expressions by RE2: time linear in the text, memory bounded. Not for expressions of our own code."""

from typing import Final

import re2

MAX_LENGTH: Final = 1000
"""Characters of an expression."""
MAX_MEMORY: Final = 1024 * 1024
"""Bytes that one compiled expression and its automata may take."""


class Re2Search:
    """A compiled expression. Implements `RegexSearch`."""

    __slots__ = ("__weakref__", "_compiled")

    def __init__(self, pattern: str) -> None:
        """Raises ValueError with the reason for an expression that cannot be used."""
        if not pattern:
            raise ValueError("the regular expression is empty")
        if len(pattern) > MAX_LENGTH:
            raise ValueError(f"the regular expression is longer than {MAX_LENGTH} characters")
        try:
            self._compiled = re2.compile(pattern, _options())
        except re2.error as error:
            raise ValueError(f"not a regular expression that RE2 accepts: {_text(error)}") from error
        except UnicodeEncodeError as error:
            raise ValueError("the regular expression holds half a surrogate pair") from error

    def fullmatch(self, text: str) -> bool:
        """Whether all of `text` matches."""
        # Given text, the wrapper would count the characters of each span, which nobody asks for here.
        return self._compiled.fullmatch(text.encode("utf-8", "replace")) is not None

    def search(self, text: str) -> bool:
        """Whether some part of `text` matches."""
        return self._compiled.search(text.encode("utf-8", "replace")) is not None


def compile_regex(pattern: str) -> Re2Search:
    """Compile an expression. Raises ValueError with the reason for one that cannot be used."""
    return Re2Search(pattern)


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    options.never_capture = True
    return options


def _text(error: Exception) -> str:
    reason = error.args[0] if error.args else ""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
