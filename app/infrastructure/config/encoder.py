"""Writes a configuration down: as JSON that the decoder reads back, and as a digest. Secrets stay references."""

from hashlib import blake2b

import msgspec

from app.domain.entities.config import GatewayConfig
from app.infrastructure.config.secrets import Secret
from app.infrastructure.config.units_codec import to_text


def encode(config: GatewayConfig) -> bytes:
    """The configuration as a JSON document; decoding it gives an equal one."""
    return msgspec.json.encode(config, enc_hook=to_text)


def digest(config: GatewayConfig) -> str:
    """16 characters, equal for configurations that were decoded from the same document, or from a copy of it.

    A secret counts by its value, so that a new one shows.
    """
    return blake2b(msgspec.json.encode(config, enc_hook=_with_values, order="sorted"), digest_size=8).hexdigest()


def _with_values(value: object) -> str:
    return str(value) if isinstance(value, Secret) else to_text(value)
