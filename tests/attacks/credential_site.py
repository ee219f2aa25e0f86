"""A gateway whose routes ask for credentials in every way, before a service that remembers what it was sent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.backends import RawBackend, keep_answering, ok, raw_backend
from tests.credentials import consumers
from tests.integration.gateway_process import GatewayProcess, gateway

FILTERS: dict[str, list[dict[str, Any]]] = {
    "open": [],
    "key": [{"api_key": {"query": "badge"}}],
    "basic": [{"basic": {"realm": "users"}}],
    "signed": [{"signature": {}}],
    "certificate": [{"certificate": {}}],
    "any": [{"any_of": [{"api_key": {}}, {"basic": {}}, {"certificate": {}}]}],
    "all": [{"api_key": {}}, {"basic": {}}],
}


class Site(NamedTuple):
    """What attackers find, and what they must not reach."""

    gateway: GatewayProcess
    backend: RawBackend

    def reached(self) -> list[bytes]:
        """Heads that the service got since it was asked last."""
        heads, self.backend.heads[:] = self.backend.heads.copy(), []
        return heads


@asynccontextmanager
async def site(
    tmp_path: Path, server: str, certificates: list[Any], workers: int = 1, **settings: str
) -> AsyncIterator[Site]:
    """`certificates` are those of consumer `machine`."""
    async with raw_backend(keep_answering(ok(b"in"))) as backend:
        routes = {
            name: {
                "match": {"paths": [f"/{name}", f"/{name}/*"]},
                "url": f"http://127.0.0.1:{backend.port}",
                "filters": filters,
            }
            for name, filters in FILTERS.items()
        }
        config = {"consumers": {**consumers(), "machine": {"certificates": certificates}}, "routes": routes}
        async with gateway(tmp_path, config, server, workers, **settings) as running:
            yield Site(running, backend)
