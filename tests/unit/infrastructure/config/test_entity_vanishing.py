"""F-07: when most entities vanish at once, nothing goes unless the store says that it is meant."""

import pytest

from app.domain.entities.config import GatewayConfig
from app.domain.entities.route import Route
from tests.unit.infrastructure.config.ledgers import HINT, Ledger, route, service, to

STORE = {"services": {"s": service(), "t": service()}, "routes": {f"r{number}": to("s") for number in range(4)}}
KEPT = "6 of 6 entities vanished from the store at once: keeping them"


def filled() -> Ledger:
    ledger = Ledger()
    ledger.replace(STORE)
    ledger.told()
    return ledger


def test_f_07_a_flush_changes_nothing_and_is_told_once_loudly() -> None:
    ledger = filled()
    before = ledger.config()
    assert len(ledger.replace({})) == 0
    assert ledger.config() == before
    problem = f"store: {KEPT}; still missing: 6; to mean it, set {HINT}"
    assert ledger.refused() == [problem]
    assert ledger.told() == [f"error {problem}"]
    assert len(ledger.replace({})) == 0
    assert ledger.told() == []


def test_f_07_a_flush_that_is_meant_is_applied() -> None:
    ledger = filled()
    assert len(ledger.replace({}, wiped=True)) == 6
    assert ledger.config() == GatewayConfig()
    assert ledger.problems == ()


def test_f_07_a_flush_may_be_meant_afterwards() -> None:
    ledger = filled()
    ledger.replace({})
    assert len(ledger.replace({}, wiped=True)) == 6
    assert ledger.problems == ()
    assert ledger.told()[-1] == "info store"


def test_f_07_everything_is_normal_once_entities_are_back() -> None:
    ledger = filled()
    ledger.replace({})
    assert len(ledger.replace(STORE)) == 0
    assert ledger.problems == ()
    assert list(ledger.update("routes", {"r0": None}).routes) == ["r0"]
    assert list(ledger.replace({**STORE, "routes": {"r1": to("s"), "r2": to("s"), "r3": to("s")}}).routes) == []


def test_f_07_entities_that_come_back_one_by_one_take_nothing_else_away() -> None:
    ledger = filled()
    ledger.replace({})
    for back in range(1, 5):
        ledger.replace({"services": {}, "routes": {f"r{number}": to("s") for number in range(back)}})
        assert len(ledger.config().routes) == 4
        assert f"still missing: {6 - back};" in ledger.refused()[0]
    ledger.replace_section("services", STORE["services"])
    assert ledger.problems == ()
    assert ledger.told()[-1] == "info store"


def test_f_07_single_updates_apply_while_the_rest_is_kept() -> None:
    ledger = filled()
    ledger.replace({})
    assert ledger.update("routes", {"new": route()}).routes == {"new": Route(url="http://a")}
    assert ledger.update("routes", {"r0": route("x")}).routes == {"r0": Route(url="http://x")}
    assert ledger.update("routes", {"new": None}).routes == {"new": None}
    assert ledger.update("routes", {"r1": None}).routes == {"r1": None}
    assert "still missing: 4" in ledger.refused()[0]
    assert ledger.replace_section("routes", {"r0": route("x"), "n": route()}).routes == {"n": Route(url="http://a")}
    assert ledger.replace_section("routes", {"r0": route("x")}).routes == {"n": None}


@pytest.mark.parametrize("first", ["services", "routes"])
def test_f_07_a_flush_that_is_seen_section_by_section(first: str) -> None:
    ledger = Ledger()
    ledger.replace({**STORE, "routes": {f"r{number}": to("s") for number in range(9)}})
    before = ledger.config()
    ledger.replace_section("routes", {})
    ledger.replace_section("services", {})
    assert ledger.config() == before


def test_f_07_a_half_may_go_and_so_may_two() -> None:
    ledger = filled()
    assert len(ledger.replace({**STORE, "routes": {"r0": to("s")}})) == 3
    few = Ledger()
    few.replace({"routes": {"a": route(), "b": route()}})
    assert len(few.replace({})) == 2


def test_f_07_many_deletions_in_one_update_count_as_well() -> None:
    ledger = filled()
    ledger.replace({"services": {}, "routes": {}}, wiped=True)
    ledger.replace({"routes": {name: route() for name in "abcd"}})
    assert len(ledger.update("routes", dict.fromkeys("abc"))) == 0
    assert len(ledger.update("routes", dict.fromkeys("abc"), wiped=True)) == 3
    assert ledger.problems == ()


def test_f_07_what_was_bad_or_waiting_when_it_vanished_is_kept_as_it_was_live() -> None:
    ledger = filled()
    ledger.update("routes", {"r0": b"bad", "r1": to("nowhere"), "lost": b"bad"})
    ledger.replace({})
    assert [problem.entity for problem in ledger.problems] == [""]
    ledger.update("services", {"nowhere": service()})
    assert ledger.config().routes["r1"] == Route(service="s")
    ledger.replace({**STORE, "routes": {**STORE["routes"], "r0": b"bad"}})
    assert [problem.entity for problem in ledger.problems] == ["routes.r0"]
    assert ledger.config().routes["r0"] == Route(service="s")


def test_f_07_an_empty_store_after_a_restart_is_suspicious_too() -> None:
    ledger = Ledger()
    ledger.adopt(filled().config())
    assert len(ledger.replace({})) == 0
    assert len(ledger.config().routes) == 4


def test_f_07_large_removals_are_done_in_pieces() -> None:
    ledger = Ledger()
    ledger.replace({"routes": {f"r{number}": route() for number in range(2000)}})
    assert sum(1 for _ in ledger.replacing({}, wiped=True)) > 6
    assert ledger.config() == GatewayConfig()
