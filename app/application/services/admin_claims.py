"""Whether an edited consumer has a credential that another consumer has already. Not for what a credential is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Final, Protocol

import msgspec

from app.domain.control_ports import EntityReader
from app.domain.entities.config import ConfigError
from app.domain.entities.consumer import Consumer
from app.domain.entities.control import Document

Path = tuple[str | int, ...]

_RESOLVED_LATER: Final = (b'"env', b'"file/')


class Claim(Protocol):
    """A credential that may belong to one consumer only; equal to another one that is the same."""

    @property
    def kind(self) -> str:
        """What it is, for people."""
        ...

    @property
    def value(self) -> str:
        """What stands in the document of a consumer that has it."""
        ...

    def __hash__(self) -> int: ...


ClaimsOf = Callable[[Consumer], Iterable[tuple[Path, Claim]]]
"""Every credential of a consumer, and where it stands."""


class ClaimCheck(msgspec.Struct, frozen=True):
    """Decodes no consumer but those that may have the same."""

    reader: EntityReader
    claims: ClaimsOf
    source: str

    def problems(self, id_: str, consumer: Consumer, consumers: Mapping[str, Document]) -> list[tuple[str, str]]:
        """Field and reason of every credential that another of `consumers` has."""
        mine = {claim: path for path, claim in self.claims(consumer)}
        found = []
        for other, claim in self._claims_of_others(id_, mine.keys(), consumers):
            reason = f"consumer {other!r} has the same {claim.kind}: each belongs to one consumer only"
            found.append((_text(mine[claim]), reason))
        return found

    def _claims_of_others(
        self, id_: str, claims: Set[Claim], consumers: Mapping[str, Document]
    ) -> Iterator[tuple[str, Claim]]:
        """Those of `claims` that others have too, and who."""
        values = [*(_plain(claim.value)[1:-1] for claim in claims), *_RESOLVED_LATER]
        for other, document in consumers.items() if claims else ():
            data = _plain(document)
            if other != id_ and any(value in data for value in values):
                for claim in self._claims(other, document):
                    if claim in claims:
                        yield other, claim

    def _claims(self, id_: str, document: Document) -> Iterator[Claim]:
        try:
            entity = self.reader.entity("consumers", id_, document, self.source)
        except ConfigError:
            return
        for _, claim in self.claims(entity) if isinstance(entity, Consumer) else ():
            yield claim


def _plain(value: object) -> bytes:
    """JSON without what does not count in digests and names: capitals, and the colons that tools print."""
    return msgspec.json.encode(value).lower().replace(b":", b"")


def _text(path: Path) -> str:
    """`api_keys[0].sha256`."""
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".")
