"""Every filter by its name: how an entry of a route becomes a step. The only file that knows them all."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

import msgspec

from app.application.filters import headers
from app.application.pipeline import Filter

Entry = Mapping[str, Any]
"""One step as users write it: a mapping of one name to its options."""


class Kind(NamedTuple):
    """What the registry knows of a filter."""

    build: Callable[[object], Filter]
    """Options as read from a file in, a step out. Raises ValueError."""
    describe: Callable[[object], str]
    problems: Callable[[object], list[str]]
    """Everything wrong with the options; raises msgspec.ValidationError when they have the wrong shape."""


KINDS: Final[dict[str, Kind]] = {
    headers.NAME: Kind(
        headers.build,
        headers.describe,
        lambda options: headers.problems(msgspec.convert(options, headers.Options)),
    ),
}


def build(filters: Iterable[Entry]) -> list[Filter]:
    """The steps of a route, in order. Raises ValueError with everything that is wrong with the first bad entry."""
    steps = []
    for entry in filters:
        found = problems(entry)
        if found:
            raise ValueError("; ".join(found))
        name, options = _one(entry)
        steps.append(KINDS[name].build(options))
    return steps


def problems(entry: Entry) -> list[str]:
    """What is wrong with an entry, each with its place in front (`headers.request.set: …`); empty when nothing is."""
    if len(entry) != 1:
        return [f"expected one name with its options, got {', '.join(entry) or 'nothing'}"]
    name, options = _one(entry)
    kind = KINDS.get(name)
    if kind is None:
        near = get_close_matches(name, KINDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(KINDS))}"
        return [f"{name}: no such filter; {hint}"]
    try:
        found = kind.problems(options)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        return [f"{name}{place.rstrip('`')}: {reason}"]
    return [f"{name}.{text}" for text in found]


def describe(entry: Entry) -> str:
    """An entry without problems in one line: `headers: request set x-a`."""
    name, options = _one(entry)
    return f"{name}: {KINDS[name].describe(options)}"


def _one(entry: Entry) -> tuple[str, object]:
    name, options = next(iter(entry.items()))
    return name, {} if options is None else options
