"""What is told of every exchange when it is over, and of what should not have happened. Not for how it is written."""

from app.domain.entities.exchange import Exchange
from app.domain.errors import GatewayError
from app.domain.ports import AccessLog, Clock, Events, Metrics


class MonitoringService:
    """The one place through which exchanges leave the gateway."""

    def __init__(self, access_log: AccessLog, events: Events, clock: Clock, metrics: Metrics | None = None) -> None:
        self._access_log = access_log
        self._events = events
        self._clock = clock
        self._metrics = metrics

    def failed(self, exchange: Exchange, error: GatewayError) -> None:
        """`error` decides the fate of `exchange`."""
        exchange.error = error.code
        exchange.error_source = str(error.source)
        exchange.error_detail = exchange.error_detail or error.detail

    def finished(self, exchange: Exchange, status: int, sent: int, received: int) -> None:
        """`exchange` is over; `sent` and `received` are body bytes to and from the client."""
        now = self._clock()
        self._access_log.record(exchange, status, sent, received, now)
        if self._metrics is not None:
            self._metrics.record(exchange, status, now - exchange.started)

    def internal_error(self, error: Exception) -> None:
        """A mistake of ours: one line for the operator, with the innermost place."""
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        at = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
        self._events.error("internal error", error=f"{type(error).__name__}: {error}", at=at)
