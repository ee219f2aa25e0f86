"""Filter `any_of`: several ways to prove oneself, one of which is enough. Not for what any of them asks.

Credentials that are wrong are never worse than none, except that nobody passes with them as with none at all.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, Protocol, runtime_checkable

import msgspec

from app.application.kinds import Kind, Place, Reference
from app.application.pipeline import Filter
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.identity import Identity
from app.domain.entities.response import Response
from app.domain.errors import GatewayError, GatewayRefusal
from app.domain.policies.challenges import challenges_of, unauthenticated
from app.domain.refusals import Forbidden, Unauthenticated

NAME: Final = "any_of"

Method = Mapping[str, Any]
"""A filter as users write it."""
Problems = Callable[[Method], list[str]]
"""What is wrong with one, each with its place in front."""


@runtime_checkable
class Withholds(Protocol):
    """A filter that keeps credentials from the service, also when it was not the one that looked at them."""

    def withhold(self, exchange: Exchange) -> None: ...


@runtime_checkable
class Strips(Protocol):
    """A filter that tells the service things in fields: a client's own copies of these go, whichever method accepts."""

    def strip(self, exchange: Exchange) -> None: ...


class AnyOfFilter:
    """One `any_of` step. The first method that accepts wins; those after it are not asked."""

    def __init__(self, methods: Iterable[Filter]) -> None:
        self._methods: Final = tuple(methods)
        self._stripping: Final = tuple(one for one in self._methods if isinstance(one, Strips))
        self._withholding: Final = tuple(one for one in self._methods if isinstance(one, Withholds))

    def on_request(self, exchange: Exchange) -> Response | Awaitable[Response | None] | None:
        """Find out who it is. Raises what the methods raise when none accepts: 503, else 403, else one 401."""
        for method in self._stripping:
            method.strip(exchange)
        return self._from(exchange, 0, exchange.identity, [])

    def _from(
        self, exchange: Exchange, start: int, before: Identity | None, refusals: list[GatewayError]
    ) -> Response | Awaitable[Response | None] | None:
        for index in range(start, len(self._methods)):
            try:
                answer = self._methods[index].on_request(exchange)
            except (Unauthenticated, Forbidden, GatewayRefusal) as error:
                _undo(exchange, before)
                refusals.append(error)
                continue
            if isinstance(answer, Awaitable):
                return self._wait(exchange, index, before, refusals, answer)
            if answer is not None or exchange.identity is not before:
                return self._accepted(exchange, answer)
        self._end(refusals)
        return None

    async def _wait(
        self,
        exchange: Exchange,
        index: int,
        before: Identity | None,
        refusals: list[GatewayError],
        waiting: Awaitable[Response | None],
    ) -> Response | None:
        try:
            answer = await waiting
        except (Unauthenticated, Forbidden, GatewayRefusal) as error:
            _undo(exchange, before)
            refusals.append(error)
        else:
            if answer is not None or exchange.identity is not before:
                return self._accepted(exchange, answer)
        later = self._from(exchange, index + 1, before, refusals)
        return await later if isinstance(later, Awaitable) else later

    def _accepted(self, exchange: Exchange, answer: Response | None) -> Response | None:
        exchange.error_detail = ""  # what was wrong with the others does not matter any more
        for method in self._withholding:
            method.withhold(exchange)
        return answer

    def _end(self, refusals: list[GatewayError]) -> None:
        """No method accepts. Raises, unless all of them do without credentials."""
        if not refusals:
            return
        for kind in (GatewayRefusal, Forbidden):
            for error in refusals:
                if isinstance(error, kind):
                    raise error
        asked = [one for error in refusals if isinstance(error, Unauthenticated) for one in challenges_of(error)]
        raise unauthenticated("none of the ways to authenticate was used rightly", *dict.fromkeys(asked))

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing to change."""


def _undo(exchange: Exchange, before: Identity | None) -> None:
    """A method that refuses may have found out who it is: somebody who may not."""
    exchange.identity = before
    exchange.consumer = "" if before is None else before.id


class _Combined:
    """What the registry asks of the kind, answered by the kinds that it combines."""

    def __init__(self, methods: Mapping[str, Kind], problems: Problems) -> None:
        self._methods = methods
        self._problems = problems

    def build(self, options: object, tools: Tools, place: Place) -> AnyOfFilter:
        return AnyOfFilter(
            self._methods[name].build(own, tools, place._replace(step=f"{place.step}.{index}"))
            for index, (name, own) in enumerate(_entries(options))
        )

    def describe(self, options: object) -> str:
        return " or ".join(f"{name} ({self._methods[name].describe(own)})" for name, own in _entries(options))

    def problems(self, options: object) -> list[str]:
        entries = msgspec.convert(options, list[dict[str, Any]])
        if not entries:
            return [f"expected one of {', '.join(sorted(self._methods))} at least"]
        return [text for index, entry in enumerate(entries) for text in self._wrong(index, entry)]

    def references(self, options: object) -> list[Reference]:
        return [found for name, own in _entries(options) for found in self._methods[name].references(own)]

    def _wrong(self, index: int, entry: Method) -> list[str]:
        strange = [name for name in entry if name not in self._methods]
        if strange:
            return [f"[{index}]: {strange[0]} is none of {', '.join(sorted(self._methods))}"]
        separator = "." if len(entry) == 1 else ": "
        return [f"[{index}]{separator}{text}" for text in self._problems(entry)]


def kind(methods: Mapping[str, Kind], problems: Problems) -> Kind:
    """The kind that combines `methods`, of which `problems` knows what is wrong."""
    combined = _Combined(methods, problems)
    return Kind(combined.build, combined.describe, combined.problems, combined.references, identifies=True)


def _entries(options: object) -> list[tuple[str, object]]:
    """Each method by its name, with its options."""
    entries = msgspec.convert(options, list[dict[str, Any]])
    pairs = [next(iter(entry.items())) for entry in entries]
    return [(name, {} if own is None else own) for name, own in pairs]
