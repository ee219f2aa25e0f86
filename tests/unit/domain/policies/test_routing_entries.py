"""How a route's hosts and paths become entries, and how entries stand in lists."""

from app.domain.entities.route import Route
from app.domain.policies.routing_compiler import RouteCompiler
from app.domain.policies.routing_copies import Copies
from app.domain.policies.routing_entries import Entry, entries_of, with_entry, without_entry
from app.infrastructure.config.regex import compile_regex
from tests.unit.domain.policies.routing_samples import route


def entry(id_: str, priority: int = 0) -> Entry:
    return entries_of(RouteCompiler(compile_regex).compile(id_, route("/a", priority=priority)))[0]


def ids(entries: list[Entry]) -> list[str]:
    return [one.route.id for one in entries]


def test_each_pair_of_host_and_path_is_an_entry() -> None:
    compiled = RouteCompiler(compile_regex).compile("r", route("/a", "/b/*", "/a", hosts=("x.org", "*", "x.org")))
    pairs = [(one.host.text, one.path.text) for one in entries_of(compiled)]
    assert pairs == [("x.org", "/a"), ("x.org", "/b/*"), ("*", "/a"), ("*", "/b/*")]


def test_a_route_of_no_hosts_and_paths_has_one_entry() -> None:
    [only] = entries_of(RouteCompiler(compile_regex).compile("r", Route()))
    assert (only.host.text, only.path.text) == ("*", "/*")


def test_entries_are_put_in_their_order() -> None:
    copies = Copies()
    entries: list[Entry] | None = None
    for one in (entry("c"), entry("a"), entry("d", priority=1), entry("b")):
        entries = with_entry(entries, one, copies)
    assert entries is not None
    assert ids(entries) == ["d", "a", "b", "c"]


def test_lists_of_others_stay_as_they_are() -> None:
    a, b, c = (entry(id_) for id_ in "abc")
    shared = [a, c]
    assert ids(with_entry(shared, b, Copies())) == ["a", "b", "c"]
    assert ids(without_entry(shared, entry("a"), Copies())) == ["c"]
    assert ids(shared) == ["a", "c"]
