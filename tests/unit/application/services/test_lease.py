"""A lease counts its endpoint up once and down once."""

from app.application.services.lease import Lease
from app.domain.policies.load_balancing import Endpoint
from tests.fakes import FakeUpstream


def test_a_lease_lasts_from_its_making_to_its_first_call() -> None:
    endpoint = Endpoint("a:1", FakeUpstream("a:1", []))
    lease = Lease(endpoint)
    assert endpoint.in_flight == 1
    lease()
    assert endpoint.in_flight == 0


def test_a_lease_given_back_twice_counts_once() -> None:
    endpoint = Endpoint("a:1", FakeUpstream("a:1", []))
    mine, other = Lease(endpoint), Lease(endpoint)
    mine()
    mine()
    assert endpoint.in_flight == 1
    other()
    assert endpoint.in_flight == 0
