"""The routes of one host: exact paths, patterns and expressions together, in the order of rank."""

from app.domain.entities.route import Match, Route
from app.domain.policies.routing_compiler import RouteCompiler
from app.domain.policies.routing_copies import Copies
from app.domain.policies.routing_entries import entries_of
from app.domain.policies.routing_index import PathIndex, pick
from app.infrastructure.config.regex import compile_regex
from tests.unit.domain.policies.routing_samples import ask, route


def index_of(**given: tuple[str, int]) -> PathIndex:
    compiler = RouteCompiler(compile_regex)
    compiled = [compiler.compile(id_, route(path, priority=priority)) for id_, (path, priority) in given.items()]
    entries = sorted((entry for one in compiled for entry in entries_of(one)), key=lambda entry: entry.rank)
    index = PathIndex(entries[0].rank)
    for entry in entries:
        index.add(entry, Copies())
    return index


def best(index: PathIndex, path: str) -> str | None:
    entry = index.best(path, ask(path), None)
    return entry.route.id if entry is not None else None


def test_each_kind_of_path_is_found() -> None:
    index = index_of(exact=("/a", 0), fixed=("/{x}/b", 0), regex=("~/r.*", 0), below=("/a/*", 0))
    assert [best(index, path) for path in ("/a", "/z/b", "/rx", "/a/c", "/none")] == [
        "exact", "fixed", "regex", "below", None,
    ]  # fmt: skip


def test_a_higher_priority_wins_over_every_kind() -> None:
    for winner in ("exact", "fixed", "regex", "below"):
        kinds = {"exact": "/a/b", "fixed": "/a/{x}", "regex": "~/a/b", "below": "/a/*"}
        index = index_of(**{id_: (path, int(id_ == winner)) for id_, path in kinds.items()})
        assert best(index, "/a/b") == winner


def test_what_was_found_elsewhere_stays_when_it_comes_first() -> None:
    index = index_of(exact=("/a", 0))
    better = entries_of(RouteCompiler(compile_regex).compile("other", route("/*", priority=1)))[0]
    worse = entries_of(RouteCompiler(compile_regex).compile("other", route("/*", priority=-1)))[0]
    assert index.best("/a", ask("/a"), better) is better
    found = index.best("/a", ask("/a"), worse)
    assert found is not None
    assert found.route.id == "exact"


def test_expressions_are_tried_in_order_and_not_after_a_better_find() -> None:
    tried: list[str] = []

    class Recorded:
        def __init__(self, pattern: str) -> None:
            self.pattern = pattern

        def fullmatch(self, text: str) -> bool:
            tried.append(self.pattern)
            return compile_regex(self.pattern).fullmatch(text)

        search = fullmatch

    compiler = RouteCompiler(Recorded)
    routes = [route("~/a", priority=2), route("~/.", priority=1), route("~/.*"), route("/b")]
    entries = sorted(
        (entry for at, one in enumerate(routes) for entry in entries_of(compiler.compile(f"{at}", one))),
        key=lambda entry: entry.rank,
    )
    index = PathIndex(entries[0].rank)
    for entry in entries:
        index.add(entry, Copies())
    found = index.best("/b", ask("/b"), None)
    assert found is not None
    assert found.route.id == "1"
    assert tried == ["/a", "/."]


def test_the_first_whose_conditions_hold_is_picked_unless_a_better_one_is_known() -> None:
    compiler = RouteCompiler(compile_regex)
    posts = compiler.compile("a", Route(match=Match(paths=("/x",), methods=("POST",))))
    gets = compiler.compile("b", Route(match=Match(paths=("/x",), methods=("GET",))))
    first = compiler.compile("c", Route(match=Match(paths=("/x",)), priority=1))
    entries = [entry for compiled in (posts, gets) for entry in entries_of(compiled)]
    known = entries_of(first)[0]
    assert pick(entries, ask("/x"), None) is entries[1]
    assert pick(entries, ask("/x", method="PUT"), None) is None
    assert pick(entries, ask("/x"), known) is known
    assert pick([known], ask("/x"), entries[1]) is known


def test_what_is_taken_out_is_found_no_more_and_leaves_nothing_behind() -> None:
    copies = Copies()
    compiler = RouteCompiler(compile_regex)
    paths = ("/a", "/{x}/b", "~/r.*", "~/s.*", "/a/*")
    entries = [entry for path in paths for entry in entries_of(compiler.compile(path, route(path)))]
    index = PathIndex(entries[0].rank)
    for entry in entries:
        index.add(entry, copies)
    for entry, path in zip(entries, ("/a", "/z/b", "/rx", "/sx", "/a/c"), strict=True):
        assert not index.is_empty
        assert best(index, path) == entry.route.id
        index.remove(entry, copies)
        assert best(index, path) != entry.route.id
    assert index.is_empty
    assert (index.exact, index.root, index.regexes, index.ordered) == ({}, None, {}, [])


def test_a_copy_changes_by_itself() -> None:
    compiler = RouteCompiler(compile_regex)
    index = index_of(exact=("/a", 0), fixed=("/{x}/b", 0), regex=("~/r.*", 0), below=("/a/*", 0))
    copy = index.copy()
    for path in ("/a", "/{x}/b", "~/r.*", "/a/*"):
        copy.add(entries_of(compiler.compile("new", route(path, priority=1)))[0], Copies())
    asked = ("/a", "/z/b", "/rx", "/a/c")
    assert [best(copy, path) for path in asked] == ["new"] * 4
    assert [best(index, path) for path in asked] == ["exact", "fixed", "regex", "below"]


def test_the_order_of_expressions_follows_their_first_entries() -> None:
    compiler = RouteCompiler(compile_regex)
    copies = Copies()
    index = index_of(a=("~/a", 0), b=("~/.", 1), c=("~/c", 2))
    [first] = entries_of(compiler.compile("first", route("~/a", priority=3)))
    index.add(first, copies)
    assert [entries[0].path.text for entries in index.ordered] == ["~/a", "~/c", "~/."]
    assert index.first == first.rank
    index.remove(first, copies)
    assert [entries[0].path.text for entries in index.ordered] == ["~/c", "~/.", "~/a"]
