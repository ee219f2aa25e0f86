"""Finds consumers by what they prove. Not for whether a proof holds: filters judge that."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from app.application.tools import Known
from app.domain.entities.config import GatewayConfig
from app.domain.entities.consumer import ApiKey, BasicAccount, Certificate, Consumer, SignatureKey
from app.domain.policies.section_changes import differences

K = TypeVar("K", bound=Hashable)
C = TypeVar("C")


class _Entry(NamedTuple, Generic[C]):
    """A credential and whose it is."""

    known: Known
    credential: C


class _Following(Protocol):
    """Whatever must know of every consumer."""

    def put(self, known: Known) -> None: ...

    def drop(self, known: Known) -> None: ...


class _Index(Generic[K, C]):
    """Credentials by what they are looked up by. Of several with the same key, that of the first id counts."""

    def __init__(self, credentials: Callable[[Consumer], Iterable[tuple[K, C]]]) -> None:
        self._credentials = credentials
        self.entries: Final[dict[K, _Entry[C]]] = {}
        self._others: Final[dict[K, list[_Entry[C]]]] = {}

    def put(self, known: Known) -> None:
        for key, credential in self._credentials(known.consumer):
            entry = _Entry(known, credential)
            first = self.entries.setdefault(key, entry)
            if first is not entry:
                same = sorted([first, entry, *self._others.get(key, ())], key=_owner)
                self.entries[key], self._others[key] = same[0], same[1:]

    def drop(self, known: Known) -> None:
        for key, _ in self._credentials(known.consumer):
            rest = [entry for entry in self._all(key) if entry.known.id != known.id]
            self.entries.pop(key, None)
            self._others.pop(key, None)
            if rest:
                self.entries[key] = rest[0]
            if rest[1:]:
                self._others[key] = rest[1:]

    def _all(self, key: K) -> list[_Entry[C]]:
        first = self.entries.get(key)
        return [] if first is None else [first, *self._others.get(key, ())]


class ConsumerService:
    """The enabled consumers of the live configuration (`tools.Consumers`)."""

    def __init__(self) -> None:
        self.version = 0
        """Another one after every change."""
        self._consumers: Mapping[str, Consumer] = {}
        self._known: dict[str, Known] = {}
        self._keys = _Index[str, ApiKey](lambda of: [(key.sha256, key) for key in of.api_keys])
        self._names = _Index[str, BasicAccount](lambda of: [(account.username, account) for account in of.basic])
        self._signing = _Index[str, SignatureKey](lambda of: [(key.id, key) for key in of.signatures])
        self._certificates = _Index[tuple[str, str], Certificate](_names_of_certificates)
        self._subjects = _Index[tuple[str, str], None](lambda of: [((s.issuer, s.subject), None) for s in of.subjects])
        self._indexes: tuple[_Following, ...] = (
            self._keys, self._names, self._signing, self._certificates, self._subjects,
        )  # fmt: skip

    def follow(self, config: GatewayConfig) -> None:
        """`config` is live. Takes a few milliseconds for 100,000 consumers of which few are different."""
        before, after = self._consumers, config.consumers
        if after is before:
            return
        self._consumers = after
        gone, different = differences(before, after)
        for id_ in (*gone, *different):
            self._drop(id_)
        for id_ in different:
            self._put(id_, after[id_])
        if gone or different:
            self.version += 1

    def _drop(self, id_: str) -> None:
        known = self._known.pop(id_, None)
        if known is not None:
            for index in self._indexes:
                index.drop(known)

    def _put(self, id_: str, consumer: Consumer) -> None:
        if consumer.enabled:
            known = self._known[id_] = Known(id_, consumer)
            for index in self._indexes:
                index.put(known)

    def by_key(self, digest: str) -> tuple[Known, ApiKey] | None:
        """Whose API key has this SHA-256, in hex digits; also when it has expired."""
        return self._keys.entries.get(digest)

    def by_name(self, username: str) -> tuple[Known, BasicAccount] | None:
        """Whose account has this user name, letter for letter."""
        return self._names.entries.get(username)

    def by_signature_key(self, keyid: str) -> tuple[Known, SignatureKey] | None:
        """Whose key has this id."""
        return self._signing.entries.get(keyid)

    def by_certificate(self, sha256: str, subject: str, dns: tuple[str, ...]) -> Known | None:
        """Whose certificate this is: by its digest, else its subject, else the first of its DNS names that is known."""
        for key in (("sha256", sha256), ("subject", subject), *(("dns", name) for name in dns)):
            found = self._certificates.entries.get(key)
            if found is not None:
                return found.known
        return None

    def by_subject(self, issuer: str, subject: str) -> Known | None:
        """Whose tokens these are; `issuer` is its id."""
        found = self._subjects.entries.get((issuer, subject))
        return None if found is None else found.known


def _owner(entry: _Entry[C]) -> str:
    return entry.known.id


def _names_of_certificates(consumer: Consumer) -> list[tuple[tuple[str, str], Certificate]]:
    found = []
    for one in consumer.certificates:
        # What is left empty names nothing: a certificate without a subject must not find it.
        named = {"sha256": one.sha256.replace(":", "").lower(), "subject": one.subject, "dns": one.dns.lower()}
        found += [((kind, name), one) for kind, name in named.items() if name]
    return found
