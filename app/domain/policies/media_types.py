"""Media types of request bodies, and which of them a route takes (RFC 9110 section 8.3.1). Not for what is in them."""

import re
from collections.abc import Iterable
from typing import Final

_TOKEN: Final = r"[!#$%&'+.^_`|~0-9a-z-]+"  # noqa: S105  # of RFC 9110, without *; no secret
_TYPE: Final = re.compile(rf"{_TOKEN}/{_TOKEN}")
_PATTERN: Final = re.compile(rf"{_TOKEN}/(?:\*|{_TOKEN})|\*/\*")


class MediaTypes:
    """A list of `application/json`, `image/*` and `*/*`."""

    __slots__ = ("_any", "_exact", "_kinds")

    def __init__(self, patterns: Iterable[str]) -> None:
        """Raises ValueError for the first pattern that is none."""
        texts = [pattern.lower() for pattern in patterns]
        for text in texts:
            if not _PATTERN.fullmatch(text):
                raise ValueError(f"{text!r} is no media type: expected one such as application/json, image/* or */*")
        self._any: Final = "*/*" in texts
        self._exact: Final = frozenset(text for text in texts if not text.endswith("/*"))
        self._kinds: Final = frozenset(text[:-1] for text in texts if text.endswith("/*"))

    def accepts(self, content_type: bytes) -> bool:
        """Whether a body with this Content-Type is taken. A field that holds more than one type never is."""
        essence = content_type.partition(b";")[0].strip().lower().decode("latin-1")
        if essence in self._exact:
            return True
        if not _TYPE.fullmatch(essence):
            return False
        return self._any or essence[: essence.index("/") + 1] in self._kinds
