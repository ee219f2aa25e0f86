"""Follows the hashes of the store over one session: says what is different now. Not for what that means.

Everything here blocks, and runs in the repository's own thread, one call at a time.
"""

import random
from collections.abc import Iterable

from app.domain.entities.config import SECTIONS
from app.domain.ports import Clock
from app.infrastructure.config.redis_agenda import ROUNDS, SMALL, RedisAgenda
from app.infrastructure.config.redis_errors import RedisGone
from app.infrastructure.config.redis_gossip import RedisGossip
from app.infrastructure.config.redis_hash import Found, HashUnusable, RedisHash
from app.infrastructure.config.redis_moment import Ids, fetch_at_once
from app.infrastructure.config.redis_notice import Notice
from app.infrastructure.config.redis_options import RedisOptions
from app.infrastructure.config.redis_refusals import RedisRefusals
from app.infrastructure.config.redis_session import RedisSession


class RedisFollower:
    """`most` is the largest number of entries of a section that are read. Methods raise RedisError."""

    def __init__(self, options: RedisOptions, clock: Clock, most: int) -> None:
        self._options = options
        self._clock = clock
        self._sections = options.sections
        self._agenda = RedisAgenda(SECTIONS, random.random)
        self._gossip = RedisGossip(options)
        self._session: RedisSession | None = None
        self._hashes = {section: RedisHash(options.key_of(section), most) for section in SECTIONS}
        self._found: dict[str, Found] = {}
        """What is different and was not told yet."""
        self._ping_at = self._reconcile_at = 0.0
        self._closed = False
        self.refusals = RedisRefusals(options.errors)
        self.unusable: dict[str, str] = {}
        """Section to why it cannot be read."""
        self.checked = 0.0
        """Time at which all that is stored was known."""
        self.emptied = False
        """Somebody touched the key that allows the store to be emptied."""
        self.reconciled = False  # by the last look

    def __len__(self) -> int:
        return sum(map(len, self._hashes.values()))

    def connect(self) -> None:
        """Connect and ask to be told of changes, so that what is read from now on does not grow old unnoticed."""
        self.disconnect()
        session = self._session = RedisSession(self._options, self._options.keys)
        if self._closed:
            self.disconnect()
            raise RedisGone("the connection was closed")
        for connection in session:
            connection.call("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", f"{self._options.prefix}:", "NOLOOP")
        self._gossip.listen(session)

    def disconnect(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def close(self) -> None:
        """End for good; may be called while another thread is in another method, which then raises RedisGone."""
        self._closed = True
        self.disconnect()

    def waits_for(self) -> tuple[list[int], float]:
        """File descriptors to wait for, and the seconds after which `look` is due although nothing came."""
        connections = list(self._live())
        for connection in connections:
            connection.unpack()
        if any(connection.pushes for connection in connections):
            return [], 0.0
        due = min(self._ping_at, self._reconcile_at, self._agenda.due_at()) - self._clock()
        return [connection.fileno() for connection in connections], max(0.0, due)

    def read(self) -> dict[str, Found]:
        """Read everything; what is different since it was read last, by section."""
        started = self._clock()
        self._scan(list(SECTIONS))
        self.refusals.read(self._live())
        self._reconcile_at = started + self._options.reconcile
        self.reconciled = True
        return self._told(started)

    def look(self) -> dict[str, Found]:
        """Take in what the server told and read what is due; what is different."""
        session, started = self._live(), self._clock()
        self.reconciled = False
        session.poll()
        self._take_pushes()
        if started >= self._reconcile_at:
            if session.moved():
                raise RedisGone("another server is in charge now")
            return self.read()
        if started >= self._ping_at:
            self._hear_out()
            self._ping_at = self._clock() + self._options.ping
        ready = self._agenda.ready(self._clock())
        if ready and self._are_ours(ready):
            self._gossip.tell(session, self._scan(ready))
            self._take_pushes()  # our own words come back
        return self._told(started)

    def entries(self) -> dict[str, dict[str, bytes]]:
        """Everything that was read, by section and id."""
        return {section: hash_.entries() for section, hash_ in self._hashes.items()}

    def may_empty(self) -> bool:
        """Whether it is meant that most of the configuration is gone."""
        self.emptied = False
        return bool(self._live().call(self._options.allow_empty, "EXISTS", self._options.allow_empty))

    def write_refusals(self) -> None:
        """Tell in the store what is refused."""
        self.refusals.write(self._live())

    def _live(self) -> RedisSession:
        if self._session is None:
            raise RedisGone("the connection was closed")
        return self._session

    def _told(self, started: float) -> dict[str, Found]:
        if not self._agenda.urgent():
            self.checked = started
        elif len(self._found) > 1:  # changed while it was read: what we have of it is of different moments
            self._fetch({section: list(found) for section, found in self._found.items()})
        found, self._found = self._found, {}
        return found

    def _are_ours(self, sections: list[str]) -> bool:
        """Whether we read these hashes, not another who tells us."""
        agenda = self._agenda
        large = [name for name in agenda.urgent() if len(self._hashes[name]) >= SMALL and not agenda.alone(name)]
        ours = not large or self._gossip.may_read(self._live())
        for section in () if ours else sections:
            agenda.wait_for_other(section, self._clock())
        return ours

    def _scan(self, sections: list[str]) -> dict[str, list[str]]:
        """Read hashes, and those again that change meanwhile: what belongs together should become live together."""
        found: dict[str, list[str]] = {}
        for _ in range(ROUNDS):
            for section in sections:
                found.setdefault(section, []).extend(self._scan_one(section))
            if not any(found.values()) or not (sections := self._hear_out()):
                break
        return found

    def _scan_one(self, section: str) -> Found:
        hash_, started = self._hashes[section], self._clock()
        self._agenda.begin(section)
        try:
            found = hash_.scan(self._live().of(hash_.key))
        except HashUnusable as error:
            self.unusable[section] = str(error)
            return {}
        self.unusable.pop(section, None)
        now = self._clock()
        self._agenda.done(section, now, now - started)
        self._found.setdefault(section, {}).update(found)
        return found

    def _hear_out(self) -> list[str]:
        """What changed meanwhile: the server tells it after the answer in which it is seen."""
        self._live().ping()
        self._take_pushes()
        return self._agenda.urgent()

    def _take_pushes(self) -> None:
        for connection in self._live():
            while connection.pushes:
                kind, *told = connection.pushes.popleft()
                if kind == b"invalidate":
                    self._invalidated(told[0])
                elif kind == b"message" and (notice := self._gossip.heard(told[1])) is not None:
                    self._noticed(notice)

    def _invalidated(self, keys: Iterable[bytes] | None) -> None:
        """Keys that changed; None says that the whole database was emptied."""
        names = self._sections if keys is None else [key.decode("utf-8", "replace") for key in keys]
        for name in names:
            if name in self._sections:
                self._agenda.changed(self._sections[name], self._clock())
            elif name == self._options.allow_empty:
                self.emptied = True

    def _noticed(self, notice: Notice) -> None:
        mark = self._agenda.wrote if notice.kind == "wrote" else self._agenda.found
        for section in self._hashes.keys() & notice.ids.keys():
            mark(section, self._clock())
        self._fetch(notice.ids)

    def _fetch(self, ids: Ids) -> None:
        for section, found in fetch_at_once(self._live(), self._hashes, ids).items():
            self._found.setdefault(section, {}).update(found)
