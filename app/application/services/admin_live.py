"""Waits until a change that was written to the store is live on this gateway. Not for making it live."""

import asyncio
from collections.abc import Iterable
from typing import Final

import msgspec

from app.domain.control_ports import History, StatusBoard
from app.domain.entities.control import EntityChange, Revision
from app.domain.ports import Sleep

LONGEST_WAIT: Final = 2.0
"""Seconds that a caller waits for a revision."""
_POLL: Final = 0.05

NONE: Final = Revision(0, "", 0.0, "")


class Live(msgspec.Struct, frozen=True):
    """Looks at what the workers record."""

    history: History
    board: StatusBoard
    sleep: Sleep

    async def newest(self) -> Revision:
        """The newest revision; its number is 0 when there is none."""
        revisions = await asyncio.to_thread(self.history.revisions)
        return revisions[-1] if revisions else NONE

    async def after(self, before: Revision, changes: Iterable[EntityChange], digest: str = "") -> Revision:
        """The revision, later than `before`, in which all of `changes` are live, or which has that digest.

        `NONE` after two seconds, and at once when no worker runs. `before` itself has the digest when the change
        means nothing to the gateway.
        """
        if digest and before.digest == digest:
            return before
        if not await asyncio.to_thread(self.board.statuses):
            return NONE
        names = {(change.section, change.id) for change in changes}
        for _ in range(round(LONGEST_WAIT / _POLL)):
            found = _seen(await asyncio.to_thread(self.history.revisions), before, names, digest)
            if found is not None:
                return found
            await self.sleep(_POLL)
        return NONE


def _seen(revisions: Iterable[Revision], before: Revision, names: set[tuple[str, str]], digest: str) -> Revision | None:
    missing = set(names)
    for revision in revisions:
        if revision.number <= before.number:
            continue
        listed = {(section, id_) for section, ids in revision.changes.items() for id_ in ids}
        missing -= listed
        cut = revision.changed > len(listed)
        if cut or not missing or (digest and revision.digest == digest):
            return revision
    return None
