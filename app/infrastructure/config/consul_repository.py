"""The RouteRepository over Consul's keys. Not for what may stand in an entity: `entity_ledger`.

Each change costs one answer with all keys below the prefix; only those that are new or changed are decoded.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping

from app.domain.control_ports import StoreError
from app.domain.entities.config import SECTIONS, ConfigChange, ConfigError, ConfigProblem, GatewayConfig
from app.domain.ports import Clock, Events, StoreStatus
from app.infrastructure.config.consul_keys import AT_A_TIME, Entries, Entry, Tree, reading_tree
from app.infrastructure.config.consul_options import ConsulOptions
from app.infrastructure.config.consul_pace import Pace
from app.infrastructure.config.consul_watch import ConsulWatch
from app.infrastructure.config.entity_ledger import EntityLedger
from app.infrastructure.config.entity_steps import Steps, in_pieces

Contents = dict[str, dict[str, bytes]]
"""Section to id to value."""


class ConsulRepository:
    """`ledger` belongs to this repository alone; whoever makes both may have let it adopt a configuration before."""

    def __init__(self, options: ConsulOptions, ledger: EntityLedger, pace: Pace, events: Events, clock: Clock) -> None:
        self._options = options
        self._ledger = ledger
        self._events = events
        self._clock = clock
        self._watch = ConsulWatch(options, f"/v1/kv/{options.prefix}/", {"recurse": "true"}, pace, complete=True)
        self._seen: dict[str, dict[str, int]] = {}
        """ModifyIndex of what the ledger was given last."""
        self._held = False
        """Whether the ledger keeps entities that are gone from Consul: then each reading is a whole one."""
        self._loaded = False
        self._checked = 0.0
        self._problem = ""
        self._key_problems: tuple[ConfigProblem, ...] = ()

    async def load(self) -> GatewayConfig:
        """See the port. Entities that cannot be used are left out, and told of by `status`."""
        self._watch.restart()
        try:
            await self._take(await self._watch.next())
        except StoreError as error:
            self._failed(error)
            raise ConfigError([ConfigProblem(self._options.name, "", "", str(error))]) from None
        self._answered()
        self._loaded = True
        return self._ledger.config()

    async def changes(self) -> AsyncGenerator[ConfigChange | None, None]:
        """See the port. While nothing was loaded yet, the first answer leads to None."""
        while True:
            try:
                body = await self._watch.next()
                change = await self._take(body) if self._loaded else None
            except StoreError as error:
                self._failed(error)
                continue
            self._answered()
            if body is None and self._ledger.problems:
                # What an entity names, a file say, may be there by now: a whole reading judges it again.
                self._watch.restart()
            if change is None or len(change):
                yield change

    def adopt(self, config: GatewayConfig) -> None:
        """See the port."""
        if self._loaded:
            # What was read cannot be used, so that no difference to it is of use either: it is to be loaded again.
            self._loaded = False
        else:
            self._ledger.adopt(config)
            self._loaded = True

    def status(self) -> StoreStatus:
        """See the port."""
        return StoreStatus(self._checked, self._problem, self._key_problems + self._ledger.problems)

    async def aclose(self) -> None:
        """Close the connection to Consul."""
        await self._watch.aclose()

    async def _take(self, body: bytes | None) -> ConfigChange:
        """What an answer changes. Raises StoreError for one that cannot be read."""
        if body is None:
            return ConfigChange()
        try:
            tree = await in_pieces(reading_tree(body, self._options.prefix, self._options.name))
        except StoreError:
            self._watch.failed()
            raise
        # Where something is gone, a whole reading: only there does losing most of it show as one step (F-07).
        whole = self._watch.whole or self._held or _lost(self._seen, tree.entries)
        contents, seen = await in_pieces(_reading({} if whole else self._seen, tree.entries))
        change = await (self._replaced(contents, tree) if whole else self._updated(contents, tree))
        self._seen = seen
        self._tell_keys(tree)
        return change

    async def _replaced(self, contents: Contents, tree: Tree) -> ConfigChange:
        change = await in_pieces(self._ledger.replacing(contents, tree.wiped))
        live = self._ledger.config()
        self._held = _lost({section: getattr(live, section) for section in SECTIONS}, tree.entries)
        return change

    async def _updated(self, contents: Contents, tree: Tree) -> ConfigChange:
        return await in_pieces(self._ledger.updating_all(contents, tree.wiped))

    def _answered(self) -> None:
        self._checked = self._clock()
        if self._problem:
            self._problem = ""
            self._events.info("the store can be read again", store=self._options.name)

    def _failed(self, error: StoreError) -> None:
        """An event for each new reason; the configuration that is live stays."""
        if str(error) != self._problem:
            self._problem = str(error)
            self._events.warning("the store cannot be read", store=self._options.name, reason=self._problem)

    def _tell_keys(self, tree: Tree) -> None:
        if tree.problems != self._key_problems:
            self._key_problems = tree.problems
            for problem in tree.problems:
                self._events.warning("a key of the store stands for no entity", reason=str(problem))


def _lost(seen: Mapping[str, Mapping[str, object]], entries: Entries) -> bool:
    return any(not found.keys() <= entries[section].keys() for section, found in seen.items())


def _reading(
    seen: Mapping[str, Mapping[str, int]], entries: Entries
) -> Steps[tuple[Contents, dict[str, dict[str, int]]]]:
    """The values that were not seen yet, and every ModifyIndex, in steps."""
    contents: Contents = {section: {} for section in entries}
    indexes: dict[str, dict[str, int]] = {section: {} for section in entries}
    for count, (section, id_, entry) in enumerate(_all(entries), start=1):
        indexes[section][id_] = entry.modify_index
        if seen.get(section, {}).get(id_) != entry.modify_index:
            contents[section][id_] = entry.content()
        if count % AT_A_TIME == 0:
            yield
    return contents, indexes


def _all(entries: Entries) -> Iterator[tuple[str, str, Entry]]:
    return ((section, id_, entry) for section, found in entries.items() for id_, entry in found.items())
