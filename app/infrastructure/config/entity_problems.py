"""The problems of a store's entities: which there are, which are new. Tells each once. Not for finding them."""

from typing import Final

import msgspec

from app.domain.entities.config import ConfigProblem
from app.domain.ports import Events
from app.infrastructure.config.entity_section import Key

MOST_OF_ONE: Final = 20
"""Problems of one entity that are kept."""
LONGEST: Final = 500
"""Characters of a reason or of the name of a field."""
MOST_TOLD: Final = 100
"""Events about one reading of the store; a last one counts the rest."""

Problems = tuple[ConfigProblem, ...]


class ProblemTable:
    """All problems by what they are about."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._known: dict[Key, Problems] = {}
        self._changed: set[Key] = set()
        self._fresh: dict[Key, bool] = {}
        """What is to be told: whether it is a problem, or healed."""
        self._sorted: tuple[ConfigProblem, ...] | None = ()

    def set(self, key: Key, problems: Problems, quiet: bool = False) -> None:
        """What is wrong with `key` now; nothing when it is well. `quiet`: what is only worded anew is not told."""
        before = self._known.get(key, ())
        if problems == before:
            return
        self._changed.add(key)
        self._sorted = None
        if not (quiet and before and problems):
            self._fresh[key] = bool(problems)
        if problems:
            self._known[key] = problems
        else:
            del self._known[key]

    def tell(self) -> None:
        """Events for what is new since this was called last."""
        fresh, self._fresh = self._fresh, {}
        for told, (key, is_problem) in enumerate(fresh.items()):
            if told == MOST_TOLD:
                self._events.error("more entities of the store changed between good and bad", count=len(fresh) - told)
                return
            if is_problem:
                for problem in self._known[key]:
                    self._events.error("configuration refused", problem=str(problem))
            else:
                self._events.info("configuration accepted", entity=".".join(filter(None, key)) or "store")

    def all(self) -> tuple[ConfigProblem, ...]:
        """Every problem, by section and id."""
        if self._sorted is None:
            self._sorted = tuple(problem for key in sorted(self._known) for problem in self._known[key])
        return self._sorted

    def changed(self) -> dict[Key, Problems]:
        """What is new or different since this was called last; nothing for what is healed."""
        changed, self._changed = self._changed, set()
        return {key: self._known.get(key, ()) for key in sorted(changed)}


def bounded(problems: list[ConfigProblem]) -> Problems:
    """As much of what is wrong with one entity as somebody would read: who writes the entity chooses how much it is."""
    return tuple(
        msgspec.structs.replace(problem, field=_short(problem.field), reason=_short(problem.reason))
        for problem in problems[:MOST_OF_ONE]
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
