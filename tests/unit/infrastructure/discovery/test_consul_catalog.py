import json
from collections.abc import Mapping
from typing import Any

import pytest

from app.domain.control_ports import StoreUnavailable
from app.domain.entities.discovery import Discover
from app.domain.entities.service import Target
from app.infrastructure.discovery.consul_catalog import ConsulCatalog
from app.infrastructure.discovery.sources import DiscoveryFailed, Found
from tests.consul_documents import Instance
from tests.unit.infrastructure.discovery.sources import ScriptedWatch


def body(*instances: Instance) -> bytes:
    return json.dumps([instance.document() for instance in instances]).encode()


def users(id_: str = "u1", address: str = "10.0.0.1", port: int = 8080, **more: Any) -> Instance:
    return Instance(id_, "users", address, port, **more)


async def seen(discover: Discover, answer: bytes) -> Found:
    return await ConsulCatalog(discover, ScriptedWatch(answer)).next()


@pytest.mark.parametrize(
    ("discover", "path", "parameters"),
    [
        (Discover(consul="users"), "users", {"passing": "true"}),
        (Discover(consul="users", passing_only=False), "users", {}),
        (Discover(consul="users", datacenter="dc2"), "users", {"passing": "true", "dc": "dc2"}),
        (Discover(consul="a/b"), "a%2Fb", {"passing": "true"}),
    ],
)
def test_what_is_watched(discover: Discover, path: str, parameters: Mapping[str, str]) -> None:
    watch = ScriptedWatch()
    ConsulCatalog(discover, watch)
    assert watch.made == [(f"/v1/health/service/{path}", parameters)]


async def test_instances_become_targets_in_order() -> None:
    answer = body(users("u2", "10.0.0.2"), users("u1", "10.0.0.1", passing=7))
    assert await seen(Discover(consul="users"), answer) == Found(
        (Target("http://10.0.0.1:8080", 7), Target("http://10.0.0.2:8080", 1))
    )


async def test_an_instance_without_an_address_has_that_of_its_node() -> None:
    found = await seen(Discover(consul="users", scheme="https"), body(users(address="", node_address="2001:db8::7")))
    assert found.targets == (Target("https://[2001:db8::7]:8080", 1),)


async def test_a_tag_chooses() -> None:
    answer = body(users("u1", tags=["blue"]), users("u2", "10.0.0.2"))
    assert [target.url for target in (await seen(Discover(consul="users", tag="blue"), answer)).targets] == [
        "http://10.0.0.1:8080"
    ]


@pytest.mark.parametrize(("passing_only", "weights"), [(True, [3]), (False, [3, 2])])
async def test_warnings_count_when_they_are_asked_for(passing_only: bool, weights: list[int]) -> None:
    answer = body(
        users("u1", "10.0.0.1", passing=3),
        users("u2", "10.0.0.2", status="warning", passing=3, warning=2),
        users("u3", "10.0.0.3", status="critical"),
    )
    found = await seen(Discover(consul="users", passing_only=passing_only), answer)
    assert [target.weight for target in found.targets] == weights


async def test_weights_stay_within_what_a_target_may_have() -> None:
    answer = body(users("u1", "10.0.0.1", passing=0), users("u2", "10.0.0.2", passing=100_000))
    found = await seen(Discover(consul="users"), answer)
    assert [target.weight for target in found.targets] == [1, 65535]


@pytest.mark.parametrize("answer", [b"[]", b"null"])
async def test_no_instance_is_no_target(answer: bytes) -> None:
    assert await seen(Discover(consul="users"), answer) == Found(())


async def test_fields_that_older_versions_lack_are_not_needed() -> None:
    answer = b'[{"Node": {"Address": "10.0.0.1"}, "Service": {"Port": 80, "Tags": null}, "Checks": null}]'
    assert (await seen(Discover(consul="users"), answer)).targets == (Target("http://10.0.0.1:80", 1),)


async def test_an_instance_that_is_no_target_is_skipped() -> None:
    found = await seen(Discover(consul="users"), body(users("u1"), users("u2", port=0), users("u3", "no host")))
    assert [target.url for target in found.targets] == ["http://10.0.0.1:8080"]
    assert found.skipped == (
        "instance 'u2': 10.0.0.1:0 has no port between 1 and 65535",
        "instance 'u3': 'no host' is no name and no address",
    )


async def test_only_instances_that_are_no_targets_is_a_failure_not_emptiness() -> None:
    with pytest.raises(DiscoveryFailed, match="no instance can be a target: instance 'u2'"):
        await seen(Discover(consul="users"), body(users("u2", port=0)))


@pytest.mark.parametrize("answer", [b"<html>", b'{"a": 1}', b'[{"Node": 1}]', b"\xff"])
async def test_another_answer_is_a_failure(answer: bytes) -> None:
    watch = ScriptedWatch(answer)
    with pytest.raises(DiscoveryFailed, match="no list of instances"):
        await ConsulCatalog(Discover(consul="users"), watch).next()
    assert watch.failures == 1


async def test_an_unchanged_answer_is_the_one_before_and_failures_are_passed_on() -> None:
    watch = ScriptedWatch(body(users()), None, StoreUnavailable("consul is down"), None)
    catalog = ConsulCatalog(Discover(consul="users"), watch)
    first = await catalog.next()
    assert await catalog.next() == first
    with pytest.raises(DiscoveryFailed, match="consul is down"):
        await catalog.next()
    assert await catalog.next() == first
    await catalog.aclose()
    assert watch.closed
