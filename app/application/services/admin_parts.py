"""What AdminService works with, as one value. Not for behaviour."""

from collections.abc import Callable

import msgspec

from app.application.filter_facts import FilterFacts
from app.application.services.admin_claims import ClaimsOf
from app.domain.control_ports import ConfigStore, EntityReader, History, StatusBoard
from app.domain.entities.config import GatewayConfig
from app.domain.policies.routing import RouteTable
from app.domain.ports import Clock, Events, Sleep


class AdminParts(msgspec.Struct, frozen=True):
    """Ports of the control plane."""

    store: ConfigStore
    reader: EntityReader
    history: History
    board: StatusBoard
    table: Callable[[GatewayConfig], RouteTable]
    """Compiles the table of the enabled routes. Raises ValueError."""
    digest: Callable[[GatewayConfig], str]
    events: Events
    now: Clock
    """Seconds since 1970."""
    sleep: Sleep
    version: str
    """Of the program."""
    filters: FilterFacts
    claims: ClaimsOf
    """What a consumer proves itself with."""
