"""A route's timeouts stand in the place of its service's, one by one."""

import pytest

from app.domain.entities.service import RouteTimeouts, Timeouts
from app.domain.entities.units import Duration
from app.domain.policies.timeouts import effective_timeouts

SERVICE = Timeouts(Duration(1), Duration(2), Duration(3), Duration(4), Duration(5))


def test_a_route_that_sets_nothing_keeps_the_services() -> None:
    assert effective_timeouts(SERVICE, RouteTimeouts()) is SERVICE


@pytest.mark.parametrize("name", Timeouts.__struct_fields__)
def test_each_timeout_can_be_overridden_alone(name: str) -> None:
    found = effective_timeouts(SERVICE, RouteTimeouts(**{name: Duration(9)}))
    assert {field: getattr(found, field) for field in Timeouts.__struct_fields__} == {
        **{field: getattr(SERVICE, field) for field in Timeouts.__struct_fields__},
        name: 9,
    }


def test_a_route_may_lift_a_limit() -> None:
    assert effective_timeouts(SERVICE, RouteTimeouts(total=Duration(0))).total == Duration(0)
