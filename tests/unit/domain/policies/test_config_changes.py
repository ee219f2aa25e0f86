"""Differences make the one configuration of the other, whatever the two are."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.config import ConfigChange, GatewayConfig
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
from app.domain.policies.config_changes import changed, difference, merged, part_of

IDS = st.sampled_from("abcd")
ROUTE = st.builds(Route, priority=st.integers(0, 2))
SERVICE = st.builds(lambda port: Service(targets=(Target(f"http://s:{port}"),)), st.integers(1, 3))
CONFIGS = st.builds(GatewayConfig, services=st.dictionaries(IDS, SERVICE), routes=st.dictionaries(IDS, ROUTE))
CHANGES = st.builds(
    ConfigChange,
    services=st.dictionaries(IDS, st.none() | SERVICE),
    routes=st.dictionaries(IDS, st.none() | ROUTE),
)


@given(CONFIGS, CONFIGS)
def test_a_difference_makes_one_of_the_other(before: GatewayConfig, after: GatewayConfig) -> None:
    change = difference(before, after)
    assert changed(before, change) == after
    assert (len(change) == 0) == (before == after)
    assert all(before.routes.get(id_) != route for id_, route in change.routes.items())


@given(CONFIGS, CHANGES, CHANGES)
def test_merged_changes_do_what_both_do(config: GatewayConfig, first: ConfigChange, then: ConfigChange) -> None:
    assert changed(config, merged(first, then)) == changed(changed(config, first), then)


@given(CONFIGS, CHANGES)
def test_a_change_leaves_what_it_changes_alone(config: GatewayConfig, change: ConfigChange) -> None:
    services, routes = dict(config.services), dict(config.routes)
    changed(config, change)
    assert (config.services, config.routes) == (services, routes)


def test_a_part_of_a_change() -> None:
    change = ConfigChange({"s": None}, {"s": None, "r": Route()})
    assert part_of(change, [("routes", "r"), ("services", "x")]) == ConfigChange({}, {"r": Route()})
