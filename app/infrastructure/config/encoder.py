"""Writes a configuration down: as JSON that the decoder reads back, and as a digest. Secrets stay references."""

from hashlib import blake2b

import msgspec

from app.domain.entities.config import SECTIONS, AnyEntity, GatewayConfig
from app.infrastructure.config.secrets import Secret
from app.infrastructure.config.units_codec import to_text


def encode(config: GatewayConfig) -> bytes:
    """The configuration as a JSON document; decoding it gives an equal one."""
    return msgspec.json.encode({section: dict(getattr(config, section)) for section in SECTIONS}, enc_hook=to_text)


def encode_entity(entity: AnyEntity) -> bytes:
    """One entity as JSON that the decoder reads back."""
    return msgspec.json.encode(entity, enc_hook=to_text)


def digest_of(section: str, id_: str, entity: AnyEntity) -> int:
    """64 bits of a digest of one entity in its place, equal for all that were decoded from equal documents.

    A secret counts by its value, so that a new one shows.
    """
    data = msgspec.json.encode((section, id_, entity), enc_hook=_with_values, order="sorted")
    return int.from_bytes(blake2b(data, digest_size=8).digest())


def digest(config: GatewayConfig) -> str:
    """16 hex digits: the sum over all entities, in which neither their order nor their history counts."""
    total = sum(
        digest_of(section, id_, entity) for section in SECTIONS for id_, entity in getattr(config, section).items()
    )
    return f"{total % 2**64:016x}"


def _with_values(value: object) -> str:
    return str(value) if isinstance(value, Secret) else to_text(value)
