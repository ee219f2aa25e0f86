from app.domain.policies.lease_demand import ENOUGH, Demand


def test_a_few_events_at_once_are_no_demand() -> None:
    demand = Demand(0.0)
    demand.seen = 2
    assert demand.ahead(0.001, 0.25) == (0, 0.0)


def test_a_busy_key_reserves_for_as_long_as_it_may() -> None:
    demand = Demand(0.0)
    demand.seen = 20
    assert demand.ahead(0.1, 0.25) == (63, 0.25)
    assert demand.seen == 0


def test_a_very_busy_key_reserves_enough_for_one_question() -> None:
    demand = Demand(0.0)
    demand.seen = 1000
    units, seconds = demand.ahead(0.1, 0.25)
    assert (units, seconds) == (160, ENOUGH / 10_000)


def test_demand_is_seen_before_a_period_is_over_and_remembered_in_the_next() -> None:
    demand = Demand(0.0)
    demand.seen = 50
    assert demand.ahead(0.01, 0.25)[0] == 157
    demand.ahead(0.1, 0.25)
    assert demand.ahead(0.11, 0.25)[0] == 157


def test_demand_ends() -> None:
    demand = Demand(0.0)
    demand.seen = 100
    demand.ahead(0.1, 0.25)
    demand.seen = 1
    assert demand.ahead(10.0, 0.25) == (0, 0.0)


def test_what_cannot_be_reserved_is_not_wanted() -> None:
    demand = Demand(0.0)
    assert demand.ahead(1.0, 0.25) == (0, 0.0)
    demand.seen = 1000
    assert demand.ahead(1.1, 0.0) == (0, 0.0)
