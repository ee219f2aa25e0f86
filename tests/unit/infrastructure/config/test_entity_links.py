"""Routes wait for their services, services stay for their routes, whatever comes first."""

from app.domain.entities.config import SECTIONS
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
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

A = Service(targets=(Target("http://a"),))


def test_a_route_waits_for_its_service_and_becomes_live_without_being_written_again() -> None:
    ledger = Ledger()
    assert len(ledger.update("routes", {"r": to("s"), "q": route()})) == 1
    assert ledger.refused() == ["store routes r: routes.r.service: service 's' does not exist"]
    change = ledger.update("services", {"s": service()})
    assert (change.services, change.routes) == ({"s": A}, {"r": Route(service="s")})
    assert ledger.problems == ()
    assert ledger.told()[-1] == "info routes.r"


def test_a_route_waits_for_a_service_that_is_refused_or_switched_off() -> None:
    ledger = Ledger()
    ledger.replace({"routes": {"r": to("s")}, "services": {"s": b"{}"}})
    assert "store routes r: routes.r.service: service 's' is refused itself" in ledger.refused()
    ledger.update("services", {"s": service(enabled=False)})
    assert ledger.refused() == ["store routes r: routes.r.service: service 's' is not enabled"]
    ledger.update("routes", {"r": to("s", enabled=False)})
    assert ledger.refused() == []
    assert ledger.config().routes == {"r": Route(service="s", enabled=False)}


def test_a_route_that_waits_stays_as_it_was() -> None:
    ledger = Ledger()
    ledger.replace({"routes": {"r": route("old")}})
    assert len(ledger.update("routes", {"r": to("s")})) == 0
    assert ledger.config().routes == {"r": Route(url="http://old")}
    assert ledger.update("services", {"s": service()}).routes == {"r": Route(service="s")}


def test_a_route_that_waits_and_is_deleted_waits_no_more() -> None:
    ledger = Ledger()
    ledger.update("routes", {"r": to("s")})
    ledger.update("routes", {"r": None})
    assert ledger.problems == ()
    assert len(ledger.update("services", {"s": service()})) == 1


def test_a_service_that_is_deleted_stays_until_no_live_route_uses_it() -> None:
    ledger = Ledger()
    ledger.replace({"services": {"s": service()}, "routes": {name: to("s") for name in ("p", "q", "r")}})
    assert len(ledger.update("services", {"s": None})) == 0
    reason = "is gone from the store; it stays as it was for routes that use it:"
    assert ledger.refused() == [f"store services s: services.s: {reason} p, q, r"]
    ledger.update("routes", {"p": None})
    ledger.update("routes", {"q": route()})
    assert ledger.refused() == [f"store services s: services.s: {reason} r"]
    assert ledger.update("routes", {"r": None}).services == {"s": None}
    assert ledger.problems == ()
    assert ledger.told() == [f"error store services s: services.s: {reason} p, q, r", "info services.s"]


def test_a_service_that_is_gone_takes_no_new_routes_but_keeps_those_that_have_it() -> None:
    ledger = Ledger()
    ledger.replace({"services": {"s": service()}, "routes": {"r": to("s")}})
    ledger.update("services", {"s": None})
    ledger.update("routes", {"r": to("s", priority=1), "new": to("s")})
    assert ledger.config().routes == {"r": Route(service="s", priority=1)}
    change = ledger.update("services", {"s": service("b")})
    assert list(change.routes) == ["new"]
    assert ledger.problems == ()


def test_only_so_many_routes_are_named() -> None:
    ledger = Ledger()
    ledger.replace({"services": {"s": service()}, "routes": {f"r{number}": to("s") for number in range(8)}})
    ledger.update("services", {"s": None})
    assert ledger.refused()[0].endswith("r0, r1, r2, r3, r4 and 3 more")


def test_a_service_that_is_switched_off_stays_on_for_enabled_routes() -> None:
    ledger = Ledger()
    routes = {"r": to("s"), "off": to("s", enabled=False)}
    ledger.replace({"services": {"s": service()}, "routes": routes})
    assert len(ledger.update("services", {"s": service(enabled=False)})) == 0
    assert ledger.refused()[0].endswith("is switched off; it stays as it was for routes that use it: r")
    change = ledger.update("routes", {"r": to("s", enabled=False)})
    assert change.services == {"s": Service(targets=A.targets, enabled=False)}
    assert ledger.problems == ()


def test_a_service_and_its_route_may_go_together() -> None:
    ledger = Ledger()
    ledger.replace({"services": {"s": service()}, "routes": {"r": to("s")}})
    change = ledger.replace({})
    assert (change.services, change.routes) == ({"s": None}, {"r": None})


def test_a_route_may_move_to_another_service_while_its_own_goes() -> None:
    ledger = Ledger()
    ledger.replace({"services": {"s": service()}, "routes": {"r": to("s")}})
    change = ledger.replace({"services": {"t": service()}, "routes": {"r": to("t")}})
    assert change.services == {"s": None, "t": A}
    assert ledger.problems == ()


def test_a_bad_service_stays_as_it_was_for_its_routes() -> None:
    ledger = Ledger()
    ledger.replace({"services": {"s": service()}, "routes": {"r": to("s")}})
    ledger.update("services", {"s": b"{}"})
    ledger.update("routes", {"q": to("s")})
    assert ledger.config().services == {"s": A}
    assert set(ledger.config().routes) == {"r", "q"}
    assert [problem.entity for problem in ledger.problems] == ["services.s"]


def test_a_service_that_many_routes_use_changes_by_itself() -> None:
    ledger = Ledger()
    ledger.replace({"services": {"s": service()}, "routes": {f"r{number}": to("s") for number in range(1500)}})
    assert sum(1 for _ in ledger.updating("services", {"s": service("b")})) == 0
    assert ledger.config().services["s"].targets == (Target("http://b"),)


# --- Issuers, consumers and chains


def live(ledger: Ledger) -> dict[str, list[str]]:
    return {
        section: sorted(getattr(ledger.config(), section)) for section in SECTIONS if getattr(ledger.config(), section)
    }


def test_everything_waits_for_what_it_names_whatever_comes_first() -> None:
    ledger = Ledger()
    ledger.update("routes", {"r": chained("outer")})
    ledger.update("consumers", {"c": of_issuer("main")})
    ledger.update("chains", {"outer": chain("inner"), "inner": token("main")})
    assert live(ledger) == {}
    assert ledger.refused() == [
        "store chains inner: chains.inner.filters[0].token: issuer 'main' does not exist",
        "store chains outer: chains.outer.filters[0].use: chain 'inner' waits itself",
        "store consumers c: consumers.c.subjects[0].issuer: issuer 'main' does not exist",
        "store routes r: routes.r.filters[0].use: chain 'outer' waits itself",
    ]
    change = ledger.update("issuers", {"main": issuer()})
    assert len(change) == 5
    assert live(ledger) == {"issuers": ["main"], "consumers": ["c"], "chains": ["inner", "outer"], "routes": ["r"]}
    assert ledger.problems == ()


def test_what_others_need_stays_until_they_need_it_no_more() -> None:
    ledger = Ledger()
    ledger.replace(
        {
            "issuers": {"main": issuer()},
            "chains": {"outer": chain("inner"), "inner": token("main")},
            "routes": {"r": chained("outer")},
        }
    )
    for section, id_ in (("issuers", "main"), ("chains", "inner"), ("chains", "outer")):
        assert len(ledger.update(section, {id_: None})) == 0
    stays = "is gone from the store; it stays as it was for"
    assert ledger.refused() == [
        f"store chains inner: chains.inner: {stays} chains that use it: outer",
        f"store chains outer: chains.outer: {stays} routes that use it: r",
        f"store issuers main: issuers.main: {stays} chains that use it: inner",
    ]
    ledger.told()
    change = ledger.update("routes", {"r": None})
    assert (len(change), live(ledger), ledger.problems) == (4, {}, ())
    assert ledger.told() == ["info chains.outer", "info chains.inner", "info issuers.main"]


def test_removing_a_consumer_or_switching_an_issuer_off_takes_effect_at_once() -> None:
    ledger = Ledger()
    ledger.replace(
        {
            "issuers": {"main": issuer()},
            "chains": {"inner": token("main")},
            "consumers": {"c": of_issuer("main"), "d": consumer(1)},
        }
    )
    assert ledger.update("consumers", {"d": None}).consumers == {"d": None}
    assert ledger.update("consumers", {"c": of_issuer("main", enabled=False)}).consumers["c"].enabled is False  # type: ignore[union-attr]
    assert ledger.update("issuers", {"main": issuer(enabled=False)}).issuers["main"].enabled is False  # type: ignore[union-attr]
    assert ledger.problems == ()


def test_of_a_chain_that_waits_the_last_good_value_serves() -> None:
    ledger = Ledger()
    ledger.replace({"chains": {"c": chain()}, "routes": {"r": chained("c")}})
    ledger.update("chains", {"c": token("none")})
    ledger.update("routes", {"new": chained("c")})
    assert live(ledger) == {"chains": ["c"], "routes": ["new", "r"]}
    assert ledger.refused() == ["store chains c: chains.c.filters[0].token: issuer 'none' does not exist"]


def test_a_chain_that_is_switched_off_stays_on_for_what_is_enabled() -> None:
    ledger = Ledger()
    ledger.replace({"chains": {"c": chain()}, "routes": {"r": chained("c")}})
    assert len(ledger.update("chains", {"c": chain(enabled=False)})) == 0
    assert ledger.refused() == [
        "store chains c: chains.c: is switched off; it stays as it was for routes that use it: r"
    ]
    change = ledger.update("routes", {"r": chained("c", enabled=False)})
    assert len(change) == 2
    assert ledger.problems == ()


def test_chains_in_a_circle_wait_until_it_is_broken() -> None:
    ledger = Ledger()
    ledger.replace({"chains": {"a": chain("b"), "b": chain("c"), "c": chain("a"), "self": chain("self")}})
    assert live(ledger) == {}
    assert len(ledger.refused()) == 4
    assert len(ledger.update("chains", {"c": chain()})) == 3
    ledger.update("chains", {"c": chain("a")})
    assert ledger.refused()[0] == (
        "store chains c: chains.c.filters: chain 'c' uses itself, by way of c -> a -> b -> c"
    )
    assert ledger.config().chains["c"].filters == ()
    assert sorted(ledger.update("chains", {"b": chain()}).chains) == ["b", "c"]
    ledger.update("chains", {"self": None})
    assert ledger.problems == ()


def test_chains_that_only_lead_on_come_to_an_end() -> None:
    ledger = Ledger()
    many = {f"c{number}": chain(f"c{number + 1}", f"c{number + 1}") for number in range(300)}
    ledger.replace({"chains": {**many, "c300": chain()}})
    assert len(ledger.config().chains) > 1
    assert all("more than 100" in problem or "waits itself" in problem for problem in ledger.refused())


def test_of_consumers_with_one_credential_the_first_id_has_it() -> None:
    ledger = Ledger()
    ledger.replace({"consumers": {"b": consumer(1, 2), "c": consumer(2, 3)}})
    refused = "has the same API key: each belongs to one consumer only"
    assert ledger.refused() == [f"store consumers c: consumers.c.api_keys[0].sha256: consumer 'b' {refused}"]
    assert live(ledger) == {"consumers": ["b"]}
    ledger.update("consumers", {"a": consumer(1)})
    assert f"store consumers b: consumers.b.api_keys[0].sha256: consumer 'a' {refused}" in ledger.refused()
    # Its last good value stays, as for every other mistake.
    assert live(ledger) == {"consumers": ["a", "b"]}
    ledger.update("consumers", {"b": consumer(4)})
    assert live(ledger) == {"consumers": ["a", "b", "c"]}
    ledger.update("consumers", {"a": None})
    assert ledger.problems == ()


def test_what_was_live_before_a_restart_claims_its_credentials() -> None:
    earlier, ledger = Ledger(), Ledger()
    earlier.replace({"consumers": {"b": consumer(1)}, "chains": {"c": chain()}, "routes": {"r": chained("c")}})
    ledger.adopt(earlier.config())
    ledger.update("consumers", {"a": consumer(1)})
    assert [problem.entity for problem in ledger.problems] == ["consumers.b"]
    assert len(ledger.update("chains", {"c": None})) == 0
