"""Stores of single entities: any order leads to the same, nothing bad takes anything good away (A-69, F-06, F-35)."""

import json
import random
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.chain import Chain
from app.domain.entities.config import SECTIONS, AnyEntity, ConfigChange, GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
from app.domain.policies.chains import expand
from app.infrastructure.config.documents import Document
from app.infrastructure.config.entity_intake import LedgerLimits
from app.infrastructure.config.entity_judge import EntityJudge
from app.infrastructure.config.entity_steps import in_pieces
from tests.sections import sections
from tests.unit.infrastructure.config.ledgers import (
    Ledger,
    chain,
    chained,
    consumer,
    issuer,
    of_issuer,
    route,
    service,
    to,
    token,
)
from tests.unit.infrastructure.config.strategies import CHECKS, decoder, entity_decoder

Entries = dict[str, dict[str, bytes]]
Changes = dict[str, dict[str, bytes | None]]


def test_a_reading_is_what_is_live_and_what_changed() -> None:
    ledger = Ledger()
    change = ledger.replace({"services": {"s": service()}, "routes": {"r": to("s"), "q": route()}})
    config = GatewayConfig(
        {"s": Service(targets=(Target("http://a"),))}, {"r": Route(service="s"), "q": Route(url="http://a")}
    )
    assert ledger.config() == config
    assert change == ConfigChange({**config.services}, {**config.routes})
    assert ledger.problems == ()
    assert len(ledger.replace({"services": {"s": service()}, "routes": {"r": to("s"), "q": route()}})) == 0


def test_only_what_is_different_is_a_change() -> None:
    ledger = Ledger()
    ledger.replace({"routes": {"a": route("a"), "b": route("b"), "c": route("c")}})
    assert ledger.update("routes", {"b": route("x"), "c": b" " + route("c")}).routes == {"b": Route(url="http://x")}
    assert ledger.replace_section("routes", {"a": route("a"), "b": route("x")}).routes == {"c": None}
    assert ledger.update("routes", {"a": None, "never": None}) == ConfigChange({}, {"a": None})
    assert list(ledger.config().routes) == ["b"]


def test_a_copy_is_handed_out() -> None:
    ledger = Ledger()
    ledger.replace({"routes": {"a": route()}})
    before = ledger.config()
    ledger.update("routes", {"b": route()})
    assert (list(before.routes), list(ledger.config().routes)) == (["a"], ["a", "b"])


def test_a_bad_entry_leaves_the_last_good_value_and_everything_else() -> None:
    ledger = Ledger()
    ledger.replace({"routes": {"a": route("a"), "b": route("b")}})
    change = ledger.replace({"routes": {"a": b'{"url": 1}', "b": route("new"), "c": b"nonsense"}})
    assert change.routes == {"b": Route(url="http://new")}
    assert ledger.config().routes == {"a": Route(url="http://a"), "b": Route(url="http://new")}
    assert ledger.refused() == [
        "store routes a: routes.a.url: expected text, got 1 (put it in quotes)",
        "store routes c: routes.c: column 1: expecting value",
    ]


def test_every_problem_is_told_once_and_so_is_that_it_is_healed() -> None:
    ledger = Ledger()
    ledger.update("routes", {"a": b"1"})
    assert ledger.told() == ["error store routes a: routes.a: expected a mapping, got 1"]
    assert {key: len(problems) for key, problems in ledger.changed_problems().items()} == {("routes", "a"): 1}
    ledger.replace({"routes": {"a": b"1"}})
    assert ledger.told() == []
    assert ledger.changed_problems() == {}
    ledger.update("routes", {"a": b"2"})
    assert ledger.told() == ["error store routes a: routes.a: expected a mapping, got 2"]
    ledger.update("routes", {"a": route()})
    assert ledger.told() == ["info routes.a"]
    assert ledger.changed_problems() == {("routes", "a"): ()}
    assert ledger.problems == ()


def test_a_bad_entry_that_is_deleted_is_no_problem_any_more() -> None:
    ledger = Ledger()
    ledger.replace({"routes": {"a": route()}})
    ledger.update("routes", {"a": b""})
    assert ledger.update("routes", {"a": None}).routes == {"a": None}
    assert ledger.problems == ()
    ledger.update("routes", {"a": b""})
    assert ledger.config() == GatewayConfig()


def test_what_was_live_before_a_restart_is_the_last_good_value() -> None:
    ledger = Ledger()
    kept = GatewayConfig(
        {"s": Service(targets=(Target("http://a"),))}, {"r": Route(service="s"), "q": Route(url="http://q")}
    )
    ledger.adopt(kept)
    assert ledger.config() == kept
    change = ledger.replace({"services": {"s": b"broken"}, "routes": {"r": to("s"), "q": route("new")}})
    assert change == ConfigChange({}, {"q": Route(url="http://new")})
    assert ledger.config().services == kept.services
    assert ledger.refused() == ["store services s: services.s: column 1: expecting value"]


def test_what_was_live_before_a_restart_goes_when_the_store_does_not_hold_it() -> None:
    ledger = Ledger()
    ledger.adopt(GatewayConfig({}, {"a": Route(url="http://a"), "b": Route(url="http://b")}))
    ledger.adopt(GatewayConfig({}, {"a": Route(url="http://x")}))
    assert ledger.update("routes", {"c": route("c")}).routes == {"c": Route(url="http://c")}
    assert ledger.replace({"routes": {"a": route("x"), "c": route("c")}}).routes == {"b": None}


def test_work_that_is_not_taken_to_its_end_is_made_up_for() -> None:
    ledger = Ledger()
    routes = {f"r{number}": route(f"a{number}") for number in range(2000)}
    for stop in (1, 20, 30):
        steps = ledger.replacing({"routes": routes})
        for _ in range(stop):
            next(steps, None)
        steps.close()
    change = ledger.update("routes", {"last": route()})
    assert len(change) == len(ledger.config().routes) > 1000
    ledger.replace({"routes": routes})
    assert set(ledger.config().routes) == set(routes)


async def test_large_readings_pause_often() -> None:
    routes = {f"r{number}": route(f"a{number}") for number in range(3000)}
    steps = Ledger().replacing({"routes": routes})
    assert sum(1 for _ in steps) > 50
    ledger = Ledger()
    assert len(await in_pieces(ledger.replacing({"routes": routes}))) == 3000
    assert sum(1 for _ in ledger.replacing({"routes": routes})) <= 5


# --- Properties

NAMES = ["a", "b", "c", "d"]
named = st.sampled_from(NAMES)
off = st.just(False)
services = st.builds(service, named, enabled=st.booleans())
issuers = st.builds(issuer, named, enabled=st.booleans())
consumers = st.lists(st.integers(0, 4), max_size=2, unique=True).map(lambda numbers: consumer(*numbers)) | st.builds(
    of_issuer, named, named, enabled=st.booleans()
)
chains = (
    st.lists(named, max_size=2).map(lambda names: chain(*names))
    | st.builds(token, named)
    | st.builds(chain, named, enabled=off)
)
routes = (
    st.builds(route, named)
    | st.builds(to, named)
    | st.builds(to, named, enabled=off)
    | st.builds(chained, named)
    | st.builds(chained, named, enabled=off)
)
junk = st.binary(max_size=12) | st.sampled_from([b"{}", b"[]", b"null", b'{"url": 1}', b'{"url": "env:X"}'])
KINDS = {"services": services, "issuers": issuers, "consumers": consumers, "chains": chains, "routes": routes}
stores = st.fixed_dictionaries({section: st.dictionaries(named, kind | junk) for section, kind in KINDS.items()})
good_stores = st.fixed_dictionaries(
    {
        "services": st.fixed_dictionaries({"a": services.map(lambda _: service("a")), "b": st.just(service("b"))}),
        "issuers": st.fixed_dictionaries({"a": issuers, "b": issuers}),
        "consumers": st.fixed_dictionaries(
            {},
            optional={
                "a": st.sampled_from([consumer(0), consumer(0, 1), of_issuer("a", "x")]),
                "b": st.sampled_from([consumer(2, 3), of_issuer("b", "x"), of_issuer("a", "y")]),
            },
        ),
        "chains": st.fixed_dictionaries(
            {"a": st.sampled_from([chain(), chain("b"), token("a")]), "b": st.sampled_from([chain(), token("b")])},
            optional={"c": st.sampled_from([chain("a"), chain("a", "b", enabled=False)])},
        ),
        "routes": st.dictionaries(
            named, st.builds(route, named) | st.sampled_from([to("a"), to("b"), chained("a"), chained("a", "b")])
        ),
    }
)


def singles(store: Entries) -> list[tuple[str, str, bytes]]:
    return [(section, id_, data) for section in SECTIONS for id_, data in store[section].items()]


def is_whole(config: GatewayConfig) -> bool:
    """Whether all references lead somewhere, so that a copy of it can be loaded again."""
    judge = EntityJudge(CHECKS)
    for section in SECTIONS:
        for entity in getattr(config, section).values():
            for link in judge.links(entity):
                target = getattr(config, link.section).get(link.id)
                must = entity.enabled and link.section != "issuers"
                if target is None or (must and not target.enabled):
                    return False
    users: list[Chain | Route] = [*config.chains.values(), *config.routes.values()]
    return all(expand("x", one.filters, config.chains) is not None for one in users if one.enabled)


@given(stores, st.randoms())
def test_the_order_in_which_things_arrive_does_not_matter(store: Entries, order: random.Random) -> None:
    at_once, one_by_one = Ledger(), Ledger()
    at_once.replace(store)
    entries = singles(store)
    order.shuffle(entries)
    for section, id_, data in entries:
        one_by_one.update(section, {id_: data})
    assert one_by_one.problems == at_once.problems
    # Only a consumer whose credential goes to one that comes before it keeps its last good value.
    refused = {problem.entity for problem in at_once.problems}
    consumers = one_by_one.config().consumers
    kept = {id_: one for id_, one in consumers.items() if f"consumers.{id_}" not in refused}
    assert msgspec.structs.replace(one_by_one.config(), consumers=kept) == at_once.config()
    assert is_whole(at_once.config())


@given(st.lists(stores, max_size=3), good_stores)
def test_after_any_history_a_good_reading_equals_a_fresh_start(history: list[Entries], store: Entries) -> None:
    ledger, fresh = Ledger(), Ledger()
    for earlier in history:
        ledger.replace(earlier)
        assert is_whole(ledger.config())
    ledger.replace(store, wiped=True)
    fresh.replace(store)
    assert ledger.config() == fresh.config()
    assert ledger.problems == fresh.problems == ()


@given(st.lists(stores, max_size=4))
def test_changes_add_up_to_what_is_live(history: list[Entries]) -> None:
    ledger = Ledger()
    known: dict[str, dict[str, AnyEntity]] = {section: {} for section in SECTIONS}
    for store in history:
        change = ledger.replace(store)
        for section in SECTIONS:
            add_up(known[section], getattr(change, section))
        assert ledger.config() == msgspec.convert(known, GatewayConfig)


def add_up(known: dict[str, AnyEntity], changed: Mapping[str, AnyEntity | None]) -> None:
    for id_, entity in changed.items():
        if entity is None:
            del known[id_]
        else:
            known[id_] = entity


names = st.text(max_size=3) | st.sampled_from(NAMES)
writings = st.lists(st.tuples(st.sampled_from(SECTIONS), names, st.binary()))


@given(stores, writings)
def test_any_bytes_raise_nothing_and_take_nothing_good_away(
    store: Entries, writes: list[tuple[str, str, bytes]]
) -> None:
    ledger = Ledger()
    ledger.replace(store)
    before = ledger.config()
    for section, id_, data in writes:
        ledger.update(section, {id_: data})
        for kind in SECTIONS:
            assert getattr(ledger.config(), kind).keys() >= getattr(before, kind).keys()
        assert all(problem.reason for problem in ledger.problems)


entries = st.fixed_dictionaries(
    {section: st.dictionaries(named, st.none() | kind | junk, max_size=3) for section, kind in KINDS.items()}
)


@given(st.lists(st.tuples(entries, st.booleans(), st.booleans()), max_size=12))
def test_what_has_no_problem_is_live_as_it_stands_in_the_store(history: list[tuple[Changes, bool, bool]]) -> None:
    ledger = Ledger()
    store: Entries = sections()
    for written, whole, wiped in history:
        for section, changes in written.items():
            write(store[section], changes)
            if not whole:
                ledger.update(section, changes, wiped)
        if whole:
            ledger.replace(store, wiped)
        assert is_whole(ledger.config())
    ledger.replace(store)
    assert len(ledger.replace(store)) == 0
    refused, config = {problem.entity for problem in ledger.problems}, ledger.config()
    for section in SECTIONS:
        live = getattr(config, section)
        sound = {id_: data for id_, data in store[section].items() if f"{section}.{id_}" not in refused}
        assert all(live[id_] == entity_decoder().read(section, id_, data, "x") for id_, data in sound.items())
        assert "" in refused or live.keys() - sound.keys() <= {one.partition(".")[2] for one in refused}


def write(stored: dict[str, bytes], changes: Mapping[str, bytes | None]) -> None:
    for id_, data in changes.items():
        if data is None:
            stored.pop(id_, None)
        else:
            stored[id_] = data


@given(good_stores)
def test_a_ledger_agrees_with_the_decoder_of_whole_documents(store: Entries) -> None:
    ledger = Ledger()
    ledger.replace(store)
    document = {section: {id_: json.loads(data) for id_, data in store[section].items()} for section in SECTIONS}
    assert ledger.config() == decoder().decode(Document(document), "x")


def test_limits_can_be_set() -> None:
    ledger = Ledger(LedgerLimits(max_entity=30))
    ledger.replace({"routes": {"a": route("a"), "b": route("b" * 40)}})
    assert ledger.refused() == ["store routes b: routes.b: is larger than 30 bytes"]
    assert list(ledger.config().routes) == ["a"]


@pytest.mark.parametrize("hint", ["", "gateway:x"])
def test_the_hint_is_told_when_there_is_one(hint: str) -> None:
    ledger = Ledger(hint=hint)
    ledger.replace({"routes": {name: route(name) for name in NAMES}})
    ledger.replace({})
    [problem] = ledger.refused()
    assert ("to mean it, set gateway:x" in problem) is bool(hint)
