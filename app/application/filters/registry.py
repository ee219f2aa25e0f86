"""Every filter by its name: how an entry of a route becomes a step. The only file that knows them all."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

import msgspec

from app.application.filter_facts import FilterFacts
from app.application.filters import (
    access,
    any_of,
    api_key,
    basic_auth,
    body_limit,
    bots,
    client_certificate,
    concurrency,
    content_types,
    cors,
    csrf,
    headers,
    http_signature,
    jwt,
    methods,
    rate_limit,
    request_limits,
    security_headers,
)
from app.application.kinds import Kind, Place, Reference
from app.application.likes import Likes, key_of
from app.application.pipeline import Filter
from app.application.services.consumer_limits import ConsumerLimits
from app.application.tools import Tools
from app.domain.entities.chain import Chain
from app.domain.policies.chains import MOST, USE, Step, expand

Entry = Mapping[str, Any]
"""One step as users write it: a mapping of one name to its options."""


KINDS: Final[dict[str, Kind]] = {
    access.NAME: access.KIND,
    api_key.NAME: api_key.KIND,
    basic_auth.NAME: basic_auth.KIND,
    body_limit.NAME: body_limit.KIND,
    bots.NAME: bots.KIND,
    client_certificate.NAME: client_certificate.KIND,
    concurrency.NAME: concurrency.KIND,
    content_types.NAME: content_types.KIND,
    cors.NAME: cors.KIND,
    csrf.NAME: csrf.KIND,
    headers.NAME: headers.KIND,
    http_signature.NAME: http_signature.KIND,
    jwt.NAME: jwt.KIND,
    methods.NAME: methods.KIND,
    rate_limit.NAME: rate_limit.KIND,
    request_limits.NAME: request_limits.KIND,
    security_headers.NAME: security_headers.KIND,
}


class FilterBuilder:
    """Makes the steps of routes."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._consumer_limits = ConsumerLimits(tools.counters)
        self._shared: Likes[Filter] = Likes()

    def build(self, route: str, filters: Sequence[Entry], chains: Mapping[str, Chain]) -> list[Filter]:
        """The steps of a route, in order. Raises ValueError with what is wrong with the first bad entry."""
        alike = [self._shared.get(_key(entry)) for entry in filters]
        known = [step for step in alike if step is not None]
        if len(known) == len(alike) <= MOST:  # as a rule; the long way would come to the same
            return known
        steps = expand(f"routes.{route}", filters, chains)
        made = [self._step(route, step) for step in steps]
        _check_order(steps)
        asking = [place for place, step in enumerate(steps) if KINDS[_one(step.entry)[0]].identifies]
        if asking:
            made.insert(asking[-1] + 1, self._consumer_limits)
        return made

    def _step(self, route: str, step: Step) -> Filter:
        key = _key(step.entry)
        made = self._shared.get(key)
        if made is None:
            made = self._made(route, step)
            self._shared.put(key, made)
        return made

    def _made(self, route: str, step: Step) -> Filter:
        found = problems(step.entry)
        if found:
            raise ValueError("; ".join(found))
        name, options = _one(step.entry)
        return KINDS[name].build(options, self._tools, Place(step.where, step.step, route))


def _check_order(steps: Iterable[Step]) -> None:
    for _, reason in order_problems([step.entry for step in steps]):
        raise ValueError(f"filters: {reason}")


def order_problems(filters: Iterable[Entry]) -> list[tuple[str, str]]:
    """Entries that stand in the wrong place, each as `filters[2]` with the reason; bad entries are left out.

    Browsers send no credentials with a preflight: it must be answered before anybody asks for them.
    """
    asking, found = "", []
    for index, entry in enumerate(filters):
        name = next(iter(entry), "")
        if name in KINDS and KINDS[name].identifies:
            asking = name
        elif name == cors.NAME and asking:
            reason = f"{name} stands after {asking}, which would refuse preflights: put it before"
            found.append((f"filters[{index}]", reason))
    return found


def problems(entry: Entry) -> list[str]:
    """What is wrong with an entry, each with its place in front (`headers.request.set: …`); empty when nothing is."""
    key = _key(entry)
    if _GOOD.get(key):
        return []
    found = _problems(entry)
    if not found:
        _GOOD.put(key, True)
    return found


def _problems(entry: Entry) -> list[str]:
    if len(entry) != 1:
        return [f"expected one name with its options, got {', '.join(entry) or 'nothing'}"]
    name, options = _one(entry)
    if name == USE:
        return [] if isinstance(options, str) and options else [f"{USE}: expected the id of a chain"]
    kind = KINDS.get(name)
    if kind is None:
        near = get_close_matches(name, KINDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted([*KINDS, USE]))}"
        return [f"{name}: no such filter; {hint}"]
    try:
        found = kind.problems(options)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        return [f"{name}{place.rstrip('`')}: {reason}"]
    return [f"{name}.{text}" for text in found]


def references(entry: Entry) -> list[Reference]:
    """The entities that an entry without problems names: `("chains", "public-api")`."""
    name, options = _one(entry)
    return [("chains", str(options))] if name == USE else KINDS[name].references(options)


def describe(entry: Entry) -> str:
    """An entry without problems in one line: `headers: request set x-a`."""
    name, options = _one(entry)
    return f"{USE}: {options}" if name == USE else f"{name}: {KINDS[name].describe(options)}"


def identifies(entry: Entry) -> bool:
    """Whether an entry without problems finds out who is asking."""
    name, _ = _one(entry)
    return name != USE and KINDS[name].identifies


def limits(entry: Entry, place: Place) -> list[str]:
    """Names of the limits that an entry without problems counts by."""
    name, options = _one(entry)
    return [] if name == USE else KINDS[name].limits(options, place)


def _key(entry: Entry) -> bytes:
    """Equal for entries that are alike, so that one filter does for all; empty for those that are not shared."""
    if len(entry) != 1:
        return b""
    kind = KINDS.get(next(iter(entry)))
    return key_of(entry) if kind is not None and kind.shared else b""


_GOOD: Final[Likes[bool]] = Likes()
"""Entries that nothing is wrong with."""

FACTS: Final = FilterFacts(references, describe, identifies, limits)


def _one(entry: Entry) -> tuple[str, object]:
    name, options = next(iter(entry.items()))
    return name, {} if options is None else options


# Made of the others: any that finds out who is asking.
KINDS[any_of.NAME] = any_of.kind({name: kind for name, kind in KINDS.items() if kind.identifies}, problems)
