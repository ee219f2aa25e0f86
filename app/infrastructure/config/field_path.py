"""Places in a document: how to name one for people, and how to read such a name. Not for looking values up."""

import re
from typing import Final

Path = tuple[str | int, ...]
"""Keys and indices from the top of a document."""

Found = tuple[Path, str]
"""A problem: where it is, and what is wrong there."""

_PART: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def render(path: Path) -> str:
    """`targets[0].url`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def parse(text: str) -> Path:
    """The other way round; a key that itself holds a dot or a bracket comes back in pieces."""
    return tuple(int(index) if index else key for index, key in _PART.findall(text))
