"""Clusters: which run-time state services share, what a change of configuration keeps, and what it retires."""

import pytest

from app.application.services.lease import Lease
from app.application.services.load_balancer_service import Cluster, LoadBalancerService
from app.domain.entities.service import (
    Balance,
    Breaker,
    Isolation,
    KeepAlive,
    Limits,
    Retries,
    Service,
    Target,
    Timeouts,
    UpstreamTls,
)
from app.domain.entities.units import Duration, Share, Size
from app.domain.errors import ConnectFailed
from app.domain.policies.upstream_signing import RequestSigner
from tests.fakes import FakeTransport

A, B = Target("http://a:1"), Target("http://b:1")
ONE = Service(targets=(A,))


def picks(cluster: Cluster, times: int) -> list[str]:
    return [endpoint.address for _ in range(times) if (endpoint := cluster.pick()) is not None]


def service_with(random: float = 0.0) -> tuple[LoadBalancerService, FakeTransport]:
    transport = FakeTransport()
    return LoadBalancerService(transport, lambda: random), transport


def test_a_cluster_picks_among_its_targets_by_their_weights() -> None:
    balancing, _ = service_with()
    cluster = balancing.cluster(Service(targets=(A, Target("http://b:1", weight=300), Target("http://c:1", weight=0))))
    assert [endpoint.address for endpoint in cluster.endpoints] == ["a:1", "b:1", "c:1"]
    assert sorted(picks(cluster, 8)) == ["a:1"] * 2 + ["b:1"] * 6


def test_workers_do_not_begin_with_the_same_target() -> None:
    service = Service(targets=(A, B))
    first = {picks(service_with(random)[0].cluster(service), 1)[0] for random in (0.0, 1 / 65536)}
    assert first == {"a:1", "b:1"}


def test_the_balancer_is_the_one_that_the_service_asks_for() -> None:
    balancing, _ = service_with()
    cluster = balancing.cluster(Service(targets=(A, B), balance=Balance.LEAST_REQUEST))
    busy = cluster.pick()
    assert busy is not None
    lease = Lease(busy)
    assert busy.address not in picks(cluster, 4)
    assert cluster.in_flight() == 1
    lease()
    assert (cluster.in_flight(), sorted(set(picks(cluster, 4)))) == (0, ["a:1", "b:1"])


def test_retries_and_their_budget_are_the_services() -> None:
    balancing, _ = service_with(0.5)
    retries = Retries(attempts=1, on=("connect", "503"), budget=Share(0.0), backoff=Duration(0.2))
    policy = balancing.cluster(Service(targets=(A,), retries=retries)).retry
    assert policy.statuses == {503}
    waits = [policy.wait(ConnectFailed(), "GET", replayable=True, attempt=1, in_flight=100) for _ in range(4)]
    assert waits == [0.1, 0.1, 0.1, None]


def test_two_services_with_one_target_share_its_connections_and_its_count() -> None:
    balancing, transport = service_with()
    one, other = balancing.cluster(ONE), balancing.cluster(Service(targets=(B, A)))
    assert one.endpoints[0] is other.endpoints[1]
    assert sorted(transport.upstreams) == ["http://a:1", "http://b:1"]
    Lease(one.endpoints[0])
    assert (one.in_flight(), other.in_flight()) == (1, 1)


def test_what_does_not_touch_the_connection_keeps_the_endpoint() -> None:
    balancing, _ = service_with()
    first = balancing.cluster(ONE).endpoints[0]
    changed = Service(
        targets=(Target("http://a:1", weight=7),),
        balance=Balance.LEAST_REQUEST,
        timeouts=Timeouts(connect=Duration(9)),
        retries=Retries(attempts=0),
    )
    assert balancing.cluster(changed).endpoints[0] is first


@pytest.mark.parametrize(
    "service",
    [
        Service(targets=(A,), tls=UpstreamTls(verify=False)),
        Service(targets=(A,), keep_alive=KeepAlive(max_idle=1)),
        Service(targets=(A,), breaker=Breaker(max_requests=1)),
        Service(targets=(A,), limits=Limits(head=Size(1))),
    ],
    ids=["tls", "keep_alive", "breaker", "limits"],
)
def test_targets_reached_in_another_way_are_other_endpoints(service: Service) -> None:
    balancing, _ = service_with()
    assert balancing.cluster(ONE).endpoints[0] is not balancing.cluster(service).endpoints[0]


def test_only_what_no_cluster_holds_is_retired_and_made_anew_when_it_comes_back() -> None:
    balancing, transport = service_with()
    first = balancing.cluster(Service(targets=(A, B)))
    gone = first.endpoints
    upstreams = dict(transport.upstreams)
    balancing.cluster(Service(targets=(Target("http://b:1", weight=1),)))
    balancing.release(first)
    assert {url: upstream.retired for url, upstream in upstreams.items()} == {"http://a:1": True, "http://b:1": False}
    back = balancing.cluster(Service(targets=(A, B))).endpoints
    assert (back[0] is gone[0], back[1] is gone[1]) == (False, True)
    assert not transport.upstreams["http://a:1"].retired


def test_a_target_that_cannot_be_used_is_refused_and_leaves_nothing_behind() -> None:
    balancing, transport = service_with()
    with pytest.raises(ValueError, match="ftp://x"):
        balancing.cluster(Service(targets=(A, Target("ftp://x"))))
    assert transport.upstreams["http://a:1"].retired


def test_a_target_that_stands_twice_is_retired_with_the_last_of_them() -> None:
    balancing, transport = service_with()
    cluster = balancing.cluster(Service(targets=(A, A)))
    assert cluster.endpoints[0] is cluster.endpoints[1]
    balancing.retarget(cluster, [A])
    assert not transport.upstreams["http://a:1"].retired
    balancing.release(cluster)
    assert transport.upstreams["http://a:1"].retired


def test_a_cluster_may_be_sent_elsewhere_while_it_serves() -> None:
    balancing, transport = service_with()
    cluster = balancing.cluster(Service(targets=(A, B)))
    kept = cluster.endpoints[1]
    balancing.retarget(cluster, [B, Target("http://c:1")])
    assert sorted(picks(cluster, 4)) == ["b:1"] * 2 + ["c:1"] * 2
    assert cluster.endpoints[0] is kept
    with pytest.raises(ValueError, match="ftp://x"):
        balancing.retarget(cluster, [A, Target("ftp://x")])
    assert sorted(set(picks(cluster, 4))) == ["b:1", "c:1"]
    retired = {url: upstream.retired for url, upstream in transport.upstreams.items()}
    assert retired == {"http://a:1": True, "http://b:1": False, "http://c:1": False}
    balancing.retarget(cluster, [])
    assert cluster.pick() is None


def test_an_endpoint_whose_files_changed_is_replaced_and_serves_until_its_cluster_is_released() -> None:
    balancing, transport = service_with()
    first = balancing.cluster(ONE)
    upstream = transport.upstreams["http://a:1"]
    assert not first.stale()
    upstream.is_current = False
    assert first.stale()
    second = balancing.cluster(ONE)
    assert second.endpoints[0] is not first.endpoints[0]
    assert (second.stale(), upstream.retired) == (False, False)
    balancing.release(first)
    assert (upstream.retired, transport.upstreams["http://a:1"].retired) == (True, False)
    assert balancing.cluster(ONE).endpoints[0] is second.endpoints[0]


def test_only_an_isolated_service_has_a_signer() -> None:
    isolation = Isolation("k" * 32)
    signer = RequestSigner(isolation, lambda: 0.0, lambda: "n" * 16)
    asked: list[Isolation] = []

    def signer_of(found: Isolation) -> RequestSigner:
        asked.append(found)
        return signer

    balancing = LoadBalancerService(FakeTransport(), lambda: 0.0, signer_of=signer_of)
    assert balancing.cluster(ONE).signer is None
    assert balancing.cluster(Service(targets=(A,), isolation=isolation)).signer is signer
    assert asked == [isolation]
