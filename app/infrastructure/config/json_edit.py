"""Changes a configuration in JSON, with its indentation and its order kept. Not for files."""

import json
import re
from typing import Any, Final

_INDENT: Final = re.compile(r"[\[{]\r?\n([ \t]+)")


def edit_json(text: str, new: dict[str, Any]) -> str:
    """`new` as JSON in the way of `text`: its indentation (none when it is one line), line ends, and escapes."""
    indent = _INDENT.search(text)
    compact = bool(text.strip()) and indent is None
    ascii_only = "\\u" in text and text.isascii()
    written = json.dumps(
        new,
        indent=None if compact else indent[1] if indent is not None else 2,
        ensure_ascii=ascii_only,
        separators=(",", ":") if compact and '": ' not in text else None,
    )
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    last = "\n" if text.endswith("\n") or not text.strip() else ""
    return mark + (written + last).replace("\n", "\r\n" if "\r\n" in text else "\n")
