"""Says for people what is wrong with a value. Not for finding it."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

_LONGEST: Final = 60
_EXPECTED: Final = re.compile(r"Expected `([^`]+)`(.*?)(?:, got `[^`]+`)?")
_NAMES: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def shown(value: object) -> str:
    """A value as it stands in a message: scalars as written, the rest by its kind."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    if not isinstance(value, str | int | float):
        return f"a {type(value).__name__}"
    if isinstance(value, int) and abs(value) > 2**64:
        return "a very large number"
    text = repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def mismatch(message: str, value: object) -> str:
    """A message of msgspec about `value`, in the words of this page."""
    message = message.partition(" - at `")[0]
    found = _EXPECTED.fullmatch(message)
    if found is None:
        return message[:1].lower() + message[1:]
    kinds = " or ".join(_NAMES.get(kind, kind) for kind in found[1].split(" | "))
    hint = " (put it in quotes)" if found[1] == "str" and isinstance(value, bool | int | float) else ""
    rest = found[2].replace("matching regex", "that matches").replace("of length >=", "of at least this many:")
    return f"expected {kinds}{rest}, got {shown(value)}{hint}"


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """`unknown key 'servce'; did you mean service?`."""
    return f"unknown {what} {shown(name)}; {suggestion(name, known)}"


def suggestion(name: object, known: Iterable[str]) -> str:
    """The name that was probably meant, or all there are."""
    names = sorted(known)
    near = get_close_matches(str(name), names, 1) if isinstance(name, str) else []
    if near:
        return f"did you mean {near[0]}?"
    return f"there are: {', '.join(names)}" if names else "there are none"


def listed(names: Sequence[str], word: str = "and") -> str:
    """`a, b and c`."""
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def one_of(choices: Iterable[object], value: object) -> str:
    """`expected one of a, b, got 'c'; did you mean b?`."""
    names = [str(choice) for choice in choices]
    text = f"expected one of {', '.join(names)}, got {shown(value)}"
    near = get_close_matches(value, names, 1) if isinstance(value, str) else []
    return f"{text}; did you mean {near[0]}?" if near else text
