"""Consumers that claim the same credential: the one whose id comes first has it, on every gateway.

Not for what a credential is.
"""

from collections.abc import Iterable
from typing import Final

from app.domain.entities.config import AnyEntity
from app.domain.entities.consumer import Consumer
from app.infrastructure.config.consumer_claims import Claim, claims_of, taken
from app.infrastructure.config.entity_steps import Steps
from app.infrastructure.config.field_path import Path

PIECE: Final = 1000
"""Claims that are looked at without a pause."""


class Rivals:
    """Every claim, and by whom. Works as fast when all claim the same."""

    def __init__(self) -> None:
        self._claims: dict[str, tuple[Claim, ...]] = {}
        self._only: dict[Claim, str] = {}
        self._shared: dict[Claim, set[str]] = {}
        self._firsts: dict[Claim, str] = {}
        """Of shared claims, as far as anybody has asked."""
        self._before: dict[Claim, str] = {}
        """Who came first, of claims that were moved since `moved` was asked last."""

    def claim(self, id_: str, entity: AnyEntity | None) -> None:
        """A consumer claims what stands in `entity`, and nothing else."""
        before = self._claims.pop(id_, ())
        after = tuple({claim: None for _, claim in claims_of(entity)}) if isinstance(entity, Consumer) else ()
        if after:
            self._claims[id_] = after
        if before == after:
            return
        for claim in before:
            self._leave(claim, id_)
        for claim in after:
            self._join(claim, id_)

    def moved(self) -> Steps[set[str]]:
        """Consumers to whom something else applies since this was asked last."""
        found: set[str] = set()
        for count, (claim, first) in enumerate(self._before.items(), 1):
            if self._first(claim) != first:
                found |= self._shared.get(claim, set())
                found.add(self._first(claim))
            if count % PIECE == 0:
                yield
        self._before = {}
        found.discard("")
        return found

    def rival(self, id_: str, entity: AnyEntity) -> tuple[Path, str] | None:
        """The first claim of a consumer that another has, and why it cannot have it."""
        for path, claim in claims_of(entity) if isinstance(entity, Consumer) else ():
            first = self._first(claim)
            if first != id_:
                return path, taken(claim, first)
        return None

    def _first(self, claim: Claim) -> str:
        shared = self._shared.get(claim)
        if shared is None:
            return self._only.get(claim, "")
        if claim not in self._firsts:
            self._firsts[claim] = min(shared)
        return self._firsts[claim]

    def _remember(self, claim: Claim) -> None:
        # Finding out who comes first takes long where many share it: once for many moves.
        if claim not in self._before:
            self._before[claim] = self._first(claim)

    def _join(self, claim: Claim, id_: str) -> None:
        self._remember(claim)
        if claim in self._shared:
            self._shared[claim].add(id_)
            self._firsts.pop(claim, None)
        elif claim in self._only:
            self._shared[claim] = {self._only.pop(claim), id_}
        else:
            self._only[claim] = id_

    def _leave(self, claim: Claim, id_: str) -> None:
        self._remember(claim)
        self._firsts.pop(claim, None)
        shared = self._shared.get(claim)
        if shared is None:
            del self._only[claim]
            return
        shared.discard(id_)
        if len(shared) == 1:
            self._only[claim] = shared.pop()
            del self._shared[claim]


def same_claims(consumers: Iterable[tuple[str, Consumer]]) -> list[tuple[str, Path, str]]:
    """Of consumers that live in one document: those that have what an earlier one has, where, and why not."""
    found: list[tuple[str, Path, str]] = []
    owners: dict[Claim, str] = {}
    for id_, consumer in sorted(consumers, key=lambda one: one[0]):
        for path, claim in claims_of(consumer):
            owner = owners.setdefault(claim, id_)
            if owner != id_:
                found.append((id_, path, taken(claim, owner)))
    return found
