"""What the Redis store is set up with, and the names of its keys. Not for reading settings."""

import msgspec

from app.domain.entities.config import SECTIONS
from app.infrastructure.config.redis_url import RedisPlace


class RedisOptions(msgspec.Struct, frozen=True):
    """Times are in seconds."""

    place: RedisPlace
    prefix: str = "gateway"
    ca: str = ""
    """PEM file with the authorities that may vouch for the server; empty trusts those of the system."""
    cert: str = ""
    """PEM file with the certificate that we show."""
    key: str = ""
    """PEM file with its key; empty when the certificate's file holds it."""
    connect_timeout: float = 1.0
    read_timeout: float = 2.0
    """Longest time without a byte while an answer is outstanding."""
    ping: float = 5.0
    """Time after which a silent connection is tried."""
    reconcile: float = 30.0
    """Time between two full readings."""
    backoff: tuple[float, float] = (0.1, 5.0)
    """Pause after the first failed connection, and the longest one."""

    def key_of(self, section: str) -> str:
        """The hash that holds a section."""
        return f"{self.prefix}:{section}"

    @property
    def sections(self) -> dict[str, str]:
        """Key of a hash to the section that it holds."""
        return {self.key_of(section): section for section in SECTIONS}

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that is ours."""
        return (*self.sections, self.errors, self.allow_empty, self.reading)

    @property
    def errors(self) -> str:
        """The hash in which refused entities are told."""
        return f"{self.prefix}:errors"

    @property
    def allow_empty(self) -> str:
        """The key that says that removing most of the configuration at once is meant."""
        return f"{self.prefix}:allow-empty"

    @property
    def reading(self) -> str:
        """The key whose holder reads a changed hash for all."""
        return f"{self.prefix}:reading"

    @property
    def changes(self) -> str:
        """The channel on which is told what changed."""
        return f"{self.prefix}:changes"
