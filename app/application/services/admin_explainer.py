"""Explains requests with the configuration that is live, whose table it keeps until the next revision is."""

import asyncio
from typing import Any

import msgspec

from app.application.services.admin_parts import AdminParts
from app.application.services.explain_service import Explanation, explain_request
from app.domain.control_ports import EntityReader, UnknownRevision
from app.domain.entities.config import SECTIONS, ConfigError, GatewayConfig
from app.domain.entities.control import Documents
from app.domain.entities.request import Request
from app.domain.entities.route import Route
from app.domain.policies.chains import expand
from app.domain.policies.planning import documents_in
from app.domain.policies.routing import RouteTable

_Known = tuple[str, GatewayConfig, RouteTable]
"""A digest, and what has it."""


class Explainer:
    """Looks at the newest revision; at what is stored while nothing was ever live."""

    def __init__(self, parts: AdminParts) -> None:
        self._parts = parts
        self._known: _Known | None = None

    async def explain(self, request: Request) -> Explanation:
        """What would happen to a request. Raises StoreError when the store must be asked and does not answer."""
        live = await asyncio.to_thread(self._live)
        if live is None:
            documents = documents_in(await self._parts.store.read())
            live = await asyncio.to_thread(self._compiled, "", documents)
        return await asyncio.to_thread(explain_request, live[1], live[2], request, self._parts.filters)

    def _live(self) -> _Known | None:
        revisions = self._parts.history.revisions()
        if not revisions:
            return None
        newest = revisions[-1]
        if self._known is None or self._known[0] != newest.digest:
            try:
                documents = self._parts.history.documents(newest.number)
            except UnknownRevision:  # gone since the line above: the next one is on its way
                return None
            self._known = self._compiled(newest.digest, documents)
        return self._known

    def _compiled(self, digest: str, documents: Documents) -> _Known:
        config = usable(self._parts.reader, documents)
        return digest, config, self._parts.table(config)


def usable(reader: EntityReader, documents: Documents) -> GatewayConfig:
    """All of `documents`, or what is left of them without those that are wrong, as workers do."""
    try:
        return reader.config(documents, "")
    except ConfigError:
        pass
    good: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for section, entities in documents.items():
        for id_, document in entities.items():
            try:
                good[section][id_] = reader.entity(section, id_, document, "")
            except ConfigError:
                continue
    config = GatewayConfig(**good)
    routes = {id_: route for id_, route in config.routes.items() if _served(id_, route, config)}
    return msgspec.structs.replace(config, routes=routes)


def _served(id_: str, route: Route, config: GatewayConfig) -> bool:
    if route.service and not (route.service in config.services and config.services[route.service].enabled):
        return False
    try:
        expand(f"routes.{id_}", route.filters, config.chains)
    except ValueError:
        return False
    return True
