"""Targets from Consul's catalogue: the instances of a service whose checks pass. Not for asking Consul: `Watch`.

Answers as Consul's page "Health HTTP API" has them (`GET /v1/health/service/:service`).
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from app.domain.control_ports import StoreError
from app.domain.discovery_ports import Watch, Watches
from app.domain.entities.discovery import Discover
from app.domain.entities.service import Target
from app.infrastructure.discovery.addresses import in_order, target_url
from app.infrastructure.discovery.sources import DiscoveryFailed, Found

_HEAVIEST: Final = 65535


class _Part(msgspec.Struct, frozen=True, rename="pascal", gc=False):
    """Fields that are not named here are of no use here."""


class _Node(_Part, frozen=True):
    address: str = ""


class _Weights(_Part, frozen=True):
    passing: int = 1
    warning: int = 1


class _Service(_Part, frozen=True):
    id: str = msgspec.field(default="", name="ID")
    address: str = ""
    port: int = 0
    tags: tuple[str, ...] | None = None
    weights: _Weights | None = None


class _Check(_Part, frozen=True):
    status: str = ""


class _Instance(_Part, frozen=True):
    node: _Node
    service: _Service
    checks: tuple[_Check, ...] | None = None

    def weight(self) -> int:
        """By its worst check, as Consul's DNS does; 0 for an instance that takes no requests."""
        states = {check.status for check in self.checks or ()} - {"passing"}
        weights = self.service.weights or _Weights()
        if not states:
            return min(max(weights.passing, 1), _HEAVIEST)
        return min(max(weights.warning, 1), _HEAVIEST) if states == {"warning"} else 0


_DECODER: Final = msgspec.json.Decoder(tuple[_Instance, ...] | None)


class ConsulCatalog:
    """The Source of `discover.consul`."""

    def __init__(self, discover: Discover, watches: Watches) -> None:
        self._discover = discover
        self._watch: Watch = watches(f"/v1/health/service/{quote(discover.consul, safe='')}", _parameters(discover))
        self._last: Found | None = None

    async def next(self) -> Found:
        """See the Source. Raises DiscoveryFailed also when there are instances but none of them can be a target."""
        try:
            body = await self._watch.next()
        except StoreError as error:
            raise DiscoveryFailed(str(error)) from None
        if body is not None or self._last is None:
            self._last = self._found(body or b"[]")
        return self._last

    async def aclose(self) -> None:
        """See the Source."""
        await self._watch.aclose()

    def _found(self, body: bytes) -> Found:
        try:
            instances = _DECODER.decode(body) or ()
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._watch.failed()
            raise DiscoveryFailed(f"Consul's answer is no list of instances: {error}") from None
        targets: list[Target] = []
        skipped: list[str] = []
        for instance in instances:
            if self._discover.tag and self._discover.tag not in (instance.service.tags or ()):
                continue
            if not instance.weight() or (self._discover.passing_only and _warns(instance)):
                continue
            host = instance.service.address or instance.node.address
            try:
                targets.append(
                    Target(target_url(self._discover.scheme, host, instance.service.port), instance.weight())
                )
            except ValueError as error:
                skipped.append(f"instance {instance.service.id!r}: {error}")
        if skipped and not targets:
            raise DiscoveryFailed(f"no instance can be a target: {skipped[0]}")
        return Found(in_order(targets), tuple(sorted(skipped)))


def _warns(instance: _Instance) -> bool:
    return any(check.status != "passing" for check in instance.checks or ())


def _parameters(discover: Discover) -> Mapping[str, str]:
    parameters = {"passing": "true"} if discover.passing_only else {}
    return {**parameters, "dc": discover.datacenter} if discover.datacenter else parameters
