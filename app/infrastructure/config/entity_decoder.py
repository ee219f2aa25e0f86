"""Makes single entities of documents, or of their text. Implements EntityReader. Not for the order they arrive in."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from app.domain.entities.config import AnyEntity, ConfigError, ConfigProblem, GatewayConfig
from app.domain.entities.control import Document, Documents
from app.infrastructure.config import documents as parsed
from app.infrastructure.config.decoder import Decoder
from app.infrastructure.config.encoder import encode_entity
from app.infrastructure.config.entity_canonical import canonical
from app.infrastructure.config.entity_judge import KINDS, Checks, EntityJudge
from app.infrastructure.config.entity_references import Link
from app.infrastructure.config.entity_text import MOST_VALUES, parse_entity, read_plain
from app.infrastructure.config.plain import Plainer, TooMuch
from app.infrastructure.config.problem_report import Report
from app.infrastructure.config.units_codec import from_text
from app.infrastructure.config.wording import unknown

_DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    section: msgspec.json.Decoder(kind, dec_hook=from_text) for section, kind in KINDS.items()
}


class EntityDecoder:
    """Judges entities as Decoder does, with the same words. `read_secret` gives the value of a reference."""

    def __init__(self, checks: Checks, read_secret: Callable[[str], str]) -> None:
        self._decoder = Decoder(checks, read_secret)
        self._judge = EntityJudge(checks)
        self._read_secret = read_secret

    def config(self, documents: Documents, source: str) -> GatewayConfig:
        """See EntityReader."""
        return self._decoder.decode(parsed.Document(documents), source)

    def entity(self, section: str, id_: str, document: Document, source: str) -> AnyEntity:
        """See EntityReader."""
        if section not in KINDS:
            raise ConfigError([ConfigProblem(source, section, "", unknown("section", section, KINDS))])
        plainer = Plainer(self._read_secret, MOST_VALUES)
        try:
            content = plainer.copy(document, (section, id_))
        except TooMuch as error:
            raise ConfigError([ConfigProblem(source, f"{section}.{id_}", "", str(error))]) from None
        report = Report(plainer.problems)
        entity, found = self._judge.judge(section, id_, content)
        report.add((section, id_), found)
        if entity is None or report.found:
            raise ConfigError(report.problems(source, _no_line))
        return canonical(entity)

    def read(self, section: str, id_: str, data: bytes, source: str, known: AnyEntity | None = None) -> AnyEntity:
        """`entity` of a document that is still JSON text. Raises ConfigError.

        `known` was judged a moment ago: when it comes again it is not judged again.
        """
        entity = read_plain(data, _DECODERS[section]) if section in KINDS else None
        if entity is not None and known is not None and _same(canonical(entity), known):
            return known
        if entity is not None and not self._judge.problems(section, id_, entity):
            return canonical(entity)
        try:
            document = parse_entity(data)
        except parsed.DocumentError as error:
            reason = f"line {error.line}: {error.reason}" if error.line > 1 else error.reason
            raise ConfigError([ConfigProblem(source, f"{section}.{id_}", "", reason)]) from None
        return self.entity(section, id_, document, source)

    def links(self, entity: AnyEntity) -> list[Link]:
        """What an entity without mistakes names of others."""
        return self._judge.links(entity)


def _same(entity: AnyEntity, known: AnyEntity) -> bool:
    """Whether they are the same as text too: `true` is equal to 1, and is no number."""
    return entity == known and encode_entity(entity) == encode_entity(known)


def _no_line(_: object) -> int:
    return 0
