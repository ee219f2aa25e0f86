"""What a route table looks into: shared between tables, copied where it changes and only there."""

from collections.abc import Mapping

import pytest

from app.domain.policies.routing_compiler import RouteCompiler
from app.domain.policies.routing_parts import Parts
from app.infrastructure.config.regex import compile_regex
from tests.unit.domain.policies.routing_samples import route

COMPILER = RouteCompiler(compile_regex)
HOSTS = {"hosts": "a.org", "suffixes": "*.a.org", "regexes": "~a.*", "any_host": "*"}


def put(parts: Parts, id_: str, *paths: str, hosts: tuple[str, ...] = ()) -> None:
    parts.put(COMPILER.compile(id_, route(*paths, hosts=hosts)))


def filled(hosts: Mapping[str, str] = HOSTS) -> Parts:
    parts = Parts()
    for id_, host in hosts.items():
        put(parts, id_, "/a", hosts=(host,))
    return parts


def sizes(parts: Parts) -> dict[str, int]:
    return {
        "routes": len(parts.routes),
        "hosts": len(parts.hosts),
        "suffixes": len(parts.suffixes),
        "regexes": len(parts.regexes),
        "any_host": int(parts.any_host is not None),
    }


def test_every_kind_of_host_has_its_place() -> None:
    assert sizes(filled()) == {"routes": 4, "hosts": 1, "suffixes": 1, "regexes": 1, "any_host": 1}


@pytest.mark.parametrize("kind", HOSTS)
def test_an_index_goes_with_its_last_route(kind: str) -> None:
    parts = filled()
    put(parts, "second", "/b", hosts=(HOSTS[kind],))
    parts.remove("second")
    assert sizes(parts) == sizes(filled())
    parts.remove(kind)
    assert sizes(parts) == {**sizes(filled()), "routes": 3, kind: 0}


def test_a_route_that_is_not_there_is_passed_over() -> None:
    parts = filled()
    parts.remove("unknown")
    assert sizes(parts) == sizes(filled())


def test_a_route_replaces_the_one_of_its_id() -> None:
    parts = filled()
    put(parts, "hosts", "/b", hosts=("b.org",))
    assert list(parts.hosts) == ["b.org"]
    assert [path.text for path in parts.routes["hosts"].paths] == ["/b"]


@pytest.mark.parametrize("kind", HOSTS)
def test_what_is_shared_does_not_change(kind: str) -> None:
    parts = filled()
    shared = parts.share()
    put(parts, "second", "/b", hosts=(HOSTS[kind],))
    put(shared, "third", "/c", hosts=(HOSTS[kind],))
    assert list(parts.routes) == [*HOSTS, "second"]
    assert list(shared.routes) == [*HOSTS, "third"]
    parts.remove(kind)
    parts.remove("second")
    assert sizes(parts)[kind] == 0
    assert sizes(shared)[kind] == 1


def test_only_what_changes_is_copied() -> None:
    parts = filled({"one": "a.org", "two": "b.org"})
    shared = parts.share()
    put(parts, "three", "/b", hosts=("a.org",))
    assert parts.hosts["b.org"] is shared.hosts["b.org"]
    assert parts.hosts["a.org"] is not shared.hosts["a.org"]
    assert parts.suffixes is shared.suffixes
    assert parts.regexes is shared.regexes
    assert parts.any_host is shared.any_host


def test_what_was_copied_is_not_copied_again() -> None:
    parts = filled()
    parts.share()
    put(parts, "one", "/b/*", hosts=tuple(HOSTS.values()))
    before = [parts.routes, parts.hosts, parts.suffixes, parts.regexes, parts.any_host]
    put(parts, "two", "/b/*", hosts=tuple(HOSTS.values()))
    parts.remove("one")
    after = [parts.routes, parts.hosts, parts.suffixes, parts.regexes, parts.any_host]
    assert all(one is other for one, other in zip(before, after, strict=True))
