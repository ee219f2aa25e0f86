"""The access log that is switched off."""

from app.domain.entities.exchange import Exchange


class NoAccessLog:
    """The AccessLog port; keeps nothing."""

    def record(self, exchange: Exchange, status: int, sent: int, received: int, finished: float) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""
