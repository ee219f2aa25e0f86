"""A change of a chain reaches its routes and no others; one that cannot be used stays as it was."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from app.application.pipeline import Filter
from app.application.services.compiler import Compiler
from app.application.services.draft import Draft
from app.application.services.load_balancer_service import LoadBalancerService
from app.application.services.snapshot import Snapshot
from app.domain.entities.chain import Chain
from app.domain.entities.config import ConfigChange, GatewayConfig
from app.domain.entities.consumer import Consumer
from app.domain.entities.issuer import Issuer
from app.domain.entities.route import Respond, Route
from app.domain.policies.chains import expand
from app.domain.policies.via import Via
from app.infrastructure.config.regex import compile_regex
from tests.fakes import FakeTransport


def using(*chains: str, **more: Any) -> Route:
    return Route(respond=Respond(), filters=tuple({"use": chain} for chain in chains), **more)


def chain(*names: str) -> Chain:
    return Chain(tuple({"use": name[1:]} if name.startswith("@") else {name: None} for name in names))


CONFIG = GatewayConfig(
    routes={
        "direct": using("a"),
        "by-way": using("b"),
        "other": using("c"),
        "plain": Route(respond=Respond()),
        "off": using("a", enabled=False),
    },
    chains={"a": chain("x"), "b": chain("@a"), "c": chain("y")},
)


class World:
    """A compiler whose filters are names; `bad` cannot be made."""

    def __init__(self) -> None:
        self.built: list[tuple[str, list[str]]] = []
        balancing = LoadBalancerService(FakeTransport(), lambda: 0.0)
        self.compiler = Compiler(balancing, self.build, compile_regex, Via("gw"), lambda: 0.0, asyncio.sleep)

    def build(self, route: str, filters: Iterable[Mapping[str, Any]], chains: Mapping[str, Chain]) -> list[Filter]:
        names = [next(iter(step.entry)) for step in expand(f"routes.{route}", filters, chains)]
        if "bad" in names:
            raise ValueError("bad cannot be made")
        self.built.append((route, names))
        return []

    async def base(self) -> Snapshot:
        snapshot = await self.compiler.compile(CONFIG)
        self.built.clear()
        return snapshot

    async def change(self, base: Snapshot, change: ConfigChange, *, strict: bool = False) -> Draft:
        draft = await self.compiler.build(base, change, strict=strict)
        self.compiler.commit(draft)
        return draft


async def test_a_chain_reaches_its_routes_and_no_others() -> None:
    world = World()
    before = await world.base()
    change = ConfigChange(chains={"a": chain("z")})
    after = (await world.change(before, change, strict=True)).snapshot
    assert world.built == [("direct", ["z"]), ("by-way", ["z"])]
    assert {id_ for id_ in after.handlers if after.handlers[id_] is not before.handlers[id_]} == {"direct", "by-way"}
    assert after.config.chains["a"] == chain("z")
    assert before.config.chains["a"] == chain("x")


@pytest.mark.parametrize(
    "change",
    [
        ConfigChange(consumers={"c": Consumer()}),
        ConfigChange(issuers={"i": Issuer(issuer="i", audience=("a",), algorithms=("RS256",), jwks="https://i/")}),
    ],
)
async def test_other_sections_reach_no_route(change: ConfigChange) -> None:
    world = World()
    before = await world.base()
    after = (await world.change(before, change)).snapshot
    assert world.built == []
    assert after.handlers == before.handlers
    assert (after.config.consumers, after.config.issuers) == (change.consumers, change.issuers)


async def test_a_chain_that_cannot_be_used_stays_as_it_was() -> None:
    world = World()
    before = await world.base()
    change = ConfigChange(
        chains={"a": chain("bad"), "c": chain("new")}, routes={"plain": using("b"), "more": using("c")}
    )
    draft = await world.change(before, change)
    assert draft.refused == {("chains", "a"): "routes.direct: bad cannot be made"}
    assert draft.snapshot.config.chains == {**CONFIG.chains, "c": chain("new")}
    made = dict(world.built)
    assert (made["plain"], made["other"], made["more"], made["by-way"]) == (["x"], ["new"], ["new"], ["x"])
    assert set(draft.snapshot.handlers) == {"direct", "by-way", "other", "plain", "more"}


async def test_chains_that_cannot_be_used_without_those_that_stay_stay_too() -> None:
    world = World()
    before = await world.base()
    change = ConfigChange(chains={"a": chain("bad"), "b": chain("@fresh"), "fresh": chain("bad")})
    draft = await world.change(before, change)
    assert set(draft.refused) == {("chains", "a"), ("chains", "b"), ("chains", "fresh")}
    assert draft.snapshot.config.chains == CONFIG.chains
    assert set(draft.snapshot.handlers) == set(before.handlers)


async def test_a_new_route_is_refused_by_itself() -> None:
    world = World()
    before = await world.base()
    change = ConfigChange(chains={"new": chain("bad")}, routes={"new": using("new"), "direct": using("new")})
    draft = await world.change(before, change)
    reason = "bad cannot be made"
    assert draft.refused == {("routes", "new"): reason, ("routes", "direct"): reason}
    assert draft.snapshot.config.routes == CONFIG.routes
    assert draft.snapshot.config.chains["new"] == chain("bad")
    assert set(draft.snapshot.handlers) == set(before.handlers)


async def test_a_route_that_is_switched_off_keeps_no_chain_from_changing() -> None:
    world = World()
    before = await world.base()
    routes: dict[str, Route | None] = {"direct": None, "by-way": using("b", enabled=False)}
    draft = await world.change(before, ConfigChange(chains={"a": chain("bad")}, routes=routes))
    assert draft.refused == {}
    assert set(draft.snapshot.handlers) == {"other", "plain"}


async def test_a_strict_change_is_refused_whole() -> None:
    world = World()
    before = await world.base()
    with pytest.raises(ValueError, match=r"routes\.direct: bad cannot be made"):
        await world.change(before, ConfigChange(chains={"a": chain("bad")}), strict=True)
