"""Routes wait for their services, services stay for their routes, whatever comes first."""

from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
from tests.unit.infrastructure.config.ledgers import Ledger, route, service, to

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
