"""Tells who changed the configuration, or tried to: an event for the log, a notice for listeners. Never values."""

from collections.abc import Callable, Sequence
from typing import Final

from app.application.services.admin_errors import InvalidConfig
from app.domain.control_ports import StoreError
from app.domain.entities.control import EntityChange, Revision
from app.domain.entities.notices import ChangeNotice
from app.domain.policies.planning import named
from app.domain.ports import Clock, Events

_MOST_LOGGED: Final = 20


class Audit:
    """Writes events and calls `listeners`, which must not wait."""

    def __init__(self, events: Events, now: Clock) -> None:
        self.listeners: list[Callable[[ChangeNotice], None]] = []
        self._events = events
        self._now = now

    def applied(self, action: str, by: str, changes: Sequence[EntityChange], revision: Revision) -> None:
        """A change was written; the number of `revision` is 0 when it was not seen to be live."""
        self._events.info(
            "configuration written", by=by, action=action, entities=_entities(changes), revision=revision.number
        )
        self._tell(
            ChangeNotice(
                "applied",
                action,
                by,
                self._now(),
                changes=named(changes),
                changed=len(changes),
                revision=revision.number,
                digest=revision.digest,
            )
        )

    def refused(self, action: str, by: str, changes: Sequence[EntityChange], error: InvalidConfig | StoreError) -> None:
        """A change was not written. Reasons may quote values, so that the event names places alone."""
        problems = tuple(error.problems) if isinstance(error, InvalidConfig) else ()
        places = [".".join(part for part in (one.entity, one.field) if part) for one in problems]
        self._events.warning(
            "configuration refused",
            by=by,
            action=action,
            entities=_entities(changes),
            reason=_cut(places) if problems else str(error),
        )
        self._tell(
            ChangeNotice(
                "refused", action, by, self._now(), changes=named(changes), changed=len(changes), problems=problems
            )
        )

    def _tell(self, notice: ChangeNotice) -> None:
        for listener in self.listeners:
            try:
                listener(notice)
            except Exception as error:
                self._events.error("a listener for changes of the configuration failed", error=repr(error))


def _entities(changes: Sequence[EntityChange]) -> str:
    return _cut([f"{change.section}.{change.id} {change.difference}" for change in changes])


def _cut(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_LOGGED} more" if len(names) > _MOST_LOGGED else ""
    return ", ".join(names[:_MOST_LOGGED]) + more
