import asyncio
from typing import Any

import msgspec
import pytest

from app.application.services.issuer_service import IssuerService
from app.domain.entities.identity import Identity
from app.domain.entities.issuer import Issuer
from app.domain.entities.units import Duration
from app.domain.errors import GatewayRefusal
from tests.backends import eventually
from tests.fakes_tokens import ISSUER, NOW, FakeConsumers, FakeKeys
from tests.token_forge import claims, signer

TOKEN = signer("ES256").token(claims(NOW)).encode()


def changed(**changes: Any) -> Issuer:
    return msgspec.structs.replace(ISSUER, **changes)


class Bench:
    def __init__(self) -> None:
        self.made: list[tuple[str, FakeKeys]] = []
        self.service = IssuerService(self._make, FakeConsumers(), lambda: NOW)

    def _make(self, id_: str, issuer: Issuer) -> FakeKeys:
        self.made.append((id_, FakeKeys(signer("ES256"))))
        return self.made[-1][1]

    def identify(self, id_: str = "main") -> Identity:
        found = self.service.issuer(id_).identify(TOKEN)
        assert isinstance(found, Identity)
        return found


def test_an_issuer_is_the_same_object_for_ever() -> None:
    bench = Bench()
    early = bench.service.issuer("main")
    with pytest.raises(GatewayRefusal):
        early.identify(TOKEN)
    bench.service.follow({"main": ISSUER})
    assert bench.service.issuer("main") is early
    assert bench.identify().id == "main:alice"


def test_an_issuer_that_is_gone_or_not_enabled_answers_503() -> None:
    bench = Bench()
    bench.service.follow({"main": ISSUER})
    for config in ({}, {"main": changed(enabled=False)}):
        bench.service.follow({"main": ISSUER})
        assert bench.identify().id == "main:alice"
        bench.service.follow(config)
        with pytest.raises(GatewayRefusal):
            bench.identify()


def test_keys_are_kept_when_they_do_not_depend_on_the_change() -> None:
    bench = Bench()
    bench.service.follow({"main": ISSUER})
    bench.service.follow({"main": ISSUER})
    bench.service.follow({"main": changed(leeway=Duration(5), audience=("api", "web"))})
    assert len(bench.made) == 1
    bench.service.follow({"main": changed(jwks="http://elsewhere")})
    assert len(bench.made) == 2


async def test_keys_are_kept_up_to_date_as_long_as_their_issuer_is_there() -> None:
    bench = Bench()
    bench.service.follow({"main": ISSUER})
    running = asyncio.ensure_future(bench.service.run())
    try:
        first = bench.made[0][1]
        await asyncio.wait_for(first.runs.wait(), 5)
        bench.service.follow({"main": ISSUER, "other": ISSUER})
        await eventually(lambda: len(bench.made) == 2 and bench.made[1][1].runs.is_set())
        assert not first.ended
        bench.service.follow({"other": ISSUER})
        await eventually(lambda: first.ended)
        assert not bench.made[1][1].ended
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert bench.made[1][1].ended
