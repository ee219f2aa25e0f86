"""The one form of entities that the gateway works with. Not for what users may write more simply: `shorthand`."""

import msgspec

from app.domain.entities.config import AnyEntity
from app.domain.entities.consumer import Certificate, Consumer
from app.domain.entities.route import Route
from app.infrastructure.config.consumer_claims import normal_digest
from app.infrastructure.config.shorthand import canonical_route


def canonical(entity: AnyEntity) -> AnyEntity:
    """An entity without mistakes in that form; the same object when it has it already."""
    if isinstance(entity, Route):
        return canonical_route(entity)
    if isinstance(entity, Consumer) and entity.certificates:
        return _canonical_consumer(entity)
    return entity


def _canonical_consumer(consumer: Consumer) -> Consumer:
    """Digests and DNS names of certificates as they are compared."""
    certificates = tuple(
        Certificate(normal_digest(one.sha256), one.subject, one.dns.lower()) for one in consumer.certificates
    )
    return (
        consumer
        if certificates == consumer.certificates
        else msgspec.structs.replace(consumer, certificates=certificates)
    )
