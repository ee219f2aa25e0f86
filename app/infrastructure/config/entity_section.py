"""What is known of one section of a store: what stands there, what of it is good, what is live. Holds no rules."""

from app.domain.entities.config import AnyEntity, ConfigProblem

Key = tuple[str, str]
"""Section and id; `(section, "")` for a section as a whole, `("", "")` for the store as a whole."""

NOT_READ = b""
"""Stands for bytes that were not seen yet; no digest is equal to it."""


class SectionState:
    """Everything by id."""

    def __init__(self) -> None:
        self.seen: dict[str, bytes] = {}
        """Digest of what stands in the store."""
        self.good: dict[str, AnyEntity] = {}
        """Entities that stand in the store and are good by themselves."""
        self.bad: dict[str, tuple[ConfigProblem, ...]] = {}
        """Why others are not."""
        self.live: dict[str, AnyEntity] = {}
        """What traffic meets."""
        self.kept: set[str] = set()
        """Entities that vanished with most others, and are taken for ones that still stand there."""

    def candidate(self, id_: str) -> AnyEntity | None:
        """What would be live if no other entity mattered: what stands in the store, or the last good value of it."""
        good = self.good.get(id_)
        return self.live.get(id_) if good is None and id_ in self.bad else good

    def take(self, id_: str, digest: bytes, entity: AnyEntity | tuple[ConfigProblem, ...]) -> None:
        """Note what stands in the store: an entity, or what is wrong with it."""
        self.seen[id_] = digest
        self.kept.discard(id_)
        if isinstance(entity, tuple):
            self.bad[id_] = entity
            self.good.pop(id_, None)
        else:
            self.good[id_] = entity
            self.bad.pop(id_, None)

    def drop(self, id_: str) -> None:
        """Note that nothing stands in the store."""
        for known in (self.seen, self.good, self.bad):
            known.pop(id_, None)
        self.kept.discard(id_)

    def keep(self, id_: str) -> None:
        """Take what is live for what stands in the store, until something else does."""
        live = self.live[id_]
        if self.good.get(id_) is not live:
            self.take(id_, NOT_READ, live)
        self.kept.add(id_)
