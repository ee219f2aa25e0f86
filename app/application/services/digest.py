"""The digest of a configuration, kept up to date entity by entity. Not for what counts of one entity."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.application.services.breather import Breather
from app.domain.entities.config import SECTIONS, ConfigChange, GatewayConfig

DigestOf = Callable[[str, str, Any], int]
"""Section, id and entity to a number below 2**64 that differs whenever they do."""

_BITS: Final = 2**64


class Digest:
    """A sum over entities, so that neither their order nor the way in which they came counts."""

    def __init__(self, digest_of: DigestOf, breathe: Breather) -> None:
        self._digest_of = digest_of
        self._breathe = breathe
        self._sum = 0

    async def after(self, before: GatewayConfig, after: GatewayConfig, change: ConfigChange) -> str:
        """The digest, as 16 hex digits, of `after`, which is `before` but for the entities that `change` names."""
        for section in SECTIONS:
            await self._take(section, getattr(change, section), getattr(before, section), getattr(after, section))
        return f"{self._sum:016x}"

    async def _take(
        self, section: str, ids: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        for id_ in ids:
            await self._breathe()
            old, new = before.get(id_), after.get(id_)
            if old is new:
                continue
            if old is not None:
                self._sum -= self._digest_of(section, id_, old)
            if new is not None:
                self._sum += self._digest_of(section, id_, new)
        self._sum %= _BITS
