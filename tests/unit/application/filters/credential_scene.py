"""A gateway's tools with the consumers of `tests.credentials`, for tests of filters."""

from collections.abc import Awaitable
from typing import Any

import msgspec

from app.application.kinds import Kind, Place
from app.application.services.consumer_service import ConsumerService
from app.application.services.failure_guard import FailureGuard
from app.application.services.nonce_memory import NonceMemory
from app.application.tools import Tools
from app.domain.entities.config import GatewayConfig
from app.domain.entities.consumer import Consumer
from app.domain.entities.exchange import Exchange
from app.domain.entities.units import Rate
from app.infrastructure.security.passwords import PasswordChecker
from app.infrastructure.security.signature_keys import SignatureKeyRing
from tests import credentials, fakes

NOW = 1_800_000_000.0
PLACE = Place("routes.r", "0", "r")


class Scene:
    """Tools, and what was told to them."""

    def __init__(self, **more: dict[str, Any]) -> None:
        self.redacted: list[str] = []
        self.consumers = ConsumerService()
        self.failures = FailureGuard(Rate(3, "min"), lambda: 0.0)
        found = msgspec.convert({**credentials.consumers(), **more}, dict[str, Consumer])
        self.consumers.follow(GatewayConfig(consumers=found))
        self.tools: Tools = fakes.tools(
            consumers=self.consumers,
            failures=self.failures,
            passwords=PasswordChecker(lambda: 0.0),
            signature_keys=SignatureKeyRing(),
            nonces=NonceMemory(lambda: 0.0),
            redact=self.redacted.append,
            wall=lambda: NOW,
        )

    def step(self, kind: Kind, options: object = None) -> Any:
        """The filter of these options."""
        return kind.build(options or {}, self.tools, PLACE)


async def run(step: Any, exchange: Exchange) -> None:
    """Have a filter look at a request."""
    answer = step.on_request(exchange)
    assert await answer is None if isinstance(answer, Awaitable) else answer is None
