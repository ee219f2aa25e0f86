"""What a change of chains means for routes: whose filters are made anew, and which chains stay as they were.

Not for making handlers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from app.application.pipeline import Filter
from app.application.services.breather import Breather
from app.application.services.draft import Draft
from app.domain.entities.chain import Chain
from app.domain.entities.route import Route
from app.domain.policies.chains import used

BuildFilters = Callable[[str, Sequence[Mapping[str, Any]], Mapping[str, Chain]], list[Filter]]
"""Route id, its filters and all chains to the steps of the route. Raises ValueError."""


class ChainChanges:
    """For one draft whose chains change."""

    def __init__(self, draft: Draft, build_filters: BuildFilters, breathe: Breather) -> None:
        self._draft = draft
        self._build_filters = build_filters
        self._breathe: Final = breathe

    async def apply(self, *, strict: bool) -> None:
        """Touch the routes that use a changed chain, by way of others too.

        Unless `strict`, chains that would leave a live route without its filters stay as they were.
        """
        draft = self._draft
        if not draft.change.chains:
            return
        reached = []
        for id_, route in draft.routes.items():
            await self._breathe()
            if not self._changed(route).isdisjoint(draft.change.chains):
                reached.append(id_)
        draft.touch(reached)
        while not strict and await self._refuse(reached):
            # The chains that stay may have other routes without their filters.
            pass

    async def _refuse(self, reached: Iterable[str]) -> bool:
        """Refuse the chains of the first route that cannot be made; whether there was one."""
        for id_ in reached:
            await self._breathe()
            reason = self._failure(id_)
            blamed = self._blamed(id_) if reason else set()
            for chain in blamed:
                self._draft.refuse_chain(chain, f"routes.{id_}: {reason}")
            if blamed:
                return True
        return False

    def _failure(self, id_: str) -> str:
        """Why a route can be made neither as it is wanted nor as it was; empty when it can be."""
        wanted, before = self._draft.routes[id_], self._draft.base.config.routes.get(id_)
        reason = ""
        for route in (wanted, before) if wanted.enabled else ():
            if route is None or not route.enabled:
                continue
            try:
                self._build_filters(id_, route.filters, self._draft.chains)
            except ValueError as error:
                reason = reason or str(error)
            else:
                return ""
        return reason

    def _blamed(self, id_: str) -> set[str]:
        """The changed chains of a route that is live: a new one is refused by itself."""
        route = self._draft.base.config.routes.get(id_)
        if route is None:
            return set()
        refused = {chain for section, chain in self._draft.refused if section == "chains"}
        return self._changed(route) - refused

    def _changed(self, route: Route) -> set[str]:
        return used(route.filters, self._draft.chains) & self._draft.change.chains.keys() if route.filters else set()
