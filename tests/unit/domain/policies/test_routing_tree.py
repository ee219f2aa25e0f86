"""Patterns with wildcards in a tree: which are reached, and at what cost."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.routing_compiler import RouteCompiler
from app.domain.policies.routing_copies import Copies
from app.domain.policies.routing_entries import entries_of
from app.domain.policies.routing_patterns import parse_path
from app.domain.policies.routing_tree import Node
from app.infrastructure.config.regex import compile_regex
from tests.unit.domain.policies.routing_samples import route

SEGMENTS = st.lists(st.sampled_from(["a", "b", "*", "{x}b", "**"]), min_size=1, max_size=5)
PATTERNS = SEGMENTS.map(lambda parts: "/" + "/".join(parts)).filter(
    lambda text: "**" in text or "*" in text or "{" in text
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "bb"]), max_size=6).map(lambda parts: "/" + "/".join(parts))


def usable(pattern: str) -> bool:
    try:
        return parse_path(pattern, compile_regex).exact is None
    except ValueError:
        return False


def tree_of(*patterns: str) -> Node:
    root = Node()
    compiler = RouteCompiler(compile_regex)
    for number, pattern in enumerate(patterns):
        for entry in entries_of(compiler.compile(f"{number}", route(pattern))):
            root.insert(entry, Copies())
    return root


def reached(root: Node, path: str) -> set[str]:
    return {entry.path.text for entries in root.reach(path) for entry in entries}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a", {"/a/*", "/**", "/{x}"}),
        ("/a/", {"/a/*", "/**"}),
        ("/a/b", {"/a/*", "/a/{x}", "/a/**/b", "/**", "/**/b"}),
        ("/a/vb", {"/a/*", "/a/{x}", "/a/v{x}", "/**"}),
        ("/a/c/d/b", {"/a/*", "/a/**/b", "/**", "/**/b"}),
        ("/c/d", {"/**"}),
        ("/", {"/**"}),
    ],
)
def test_all_patterns_that_match_are_reached(path: str, expected: set[str]) -> None:
    root = tree_of("/a/*", "/a/{x}", "/a/v{x}", "/a/**/b", "/**", "/**/b", "/{x}")
    assert reached(root, path) == expected


@given(st.lists(PATTERNS.filter(usable), min_size=1, max_size=6, unique=True), PATHS)
def test_the_tree_reaches_what_each_pattern_alone_matches(patterns: list[str], path: str) -> None:
    alone = {text for text in patterns if parse_path(text, compile_regex).matches(path)}
    assert reached(tree_of(*patterns), path) == alone


def test_a_depth_is_swept_again_from_further_left() -> None:
    assert reached(tree_of("/**/a/**/a/b", "/**/{x}/**/{y}/b"), "/a/a/b") == {"/**/a/**/a/b", "/**/{x}/**/{y}/b"}
    assert reached(tree_of("/**/a/**/a/b"), "/a/a/c/a/b") == {"/**/a/**/a/b"}


def test_entries_of_one_pattern_stay_in_their_order() -> None:
    root = tree_of("/a/*", "/a/**", "/{x}/c", "/*/c")
    assert [[entry.route.id for entry in entries] for entries in root.reach("/a/c")] in (
        [["0", "1"], ["2", "3"]],
        [["2", "3"], ["0", "1"]],
    )


def test_many_depths_do_not_multiply() -> None:
    steps = 0

    class Counting(list[str]):
        def __getitem__(self, index: object) -> str:  # type: ignore[override]
            nonlocal steps
            steps += 1
            return super().__getitem__(cast("int", index))

    class Path(str):
        __slots__ = ()

        def split(self, *_: object) -> list[str]:
            return Counting(str(self).split("/"))

    root = tree_of("/**/a/**/a/b", "/**/a/**/{x}/c", "/**/a/*")
    assert len(root.reach(Path("/a" * 1000))) > 0
    assert steps < 40 * 1000


@given(st.lists(PATTERNS.filter(usable), min_size=1, max_size=6), st.data())
def test_what_is_taken_out_is_reached_no_more_and_leaves_nothing_behind(
    patterns: list[str], data: st.DataObject
) -> None:
    compiler = RouteCompiler(compile_regex)
    entries = [entries_of(compiler.compile(f"{at}", route(text)))[0] for at, text in enumerate(patterns)]
    copies = Copies()
    root = Node()
    for entry in entries:
        root.insert(entry, copies)
    left = data.draw(st.permutations(entries))
    while left:
        root.remove(left.pop(), copies)
        path = data.draw(PATHS)
        assert reached(root, path) == {entry.path.text for entry in left if entry.path.matches(path)}
        assert root.is_empty == (not left)
    assert (root.literals, root.partials, root.one, root.depth, root.wild, root.ends, root.below) == (
        {}, None, None, None, False, [], None,
    )  # fmt: skip


def test_a_copy_changes_by_itself() -> None:
    patterns = ("/a/*", "/a/{x}", "/a/v{x}", "/a/**/b", "/**", "/{x}")
    root = tree_of(*patterns)
    copy, copies = root.copy(), Copies()
    compiler = RouteCompiler(compile_regex)
    for at, pattern in enumerate(patterns):
        copy.remove(entries_of(compiler.compile(f"{at}", route(pattern)))[0], copies)
    assert copy.is_empty
    reach = {path: reached(root, path) for path in ("/a/b", "/a/vb", "/z")}
    assert reach["/a/b"] == {"/a/*", "/a/{x}", "/a/**/b", "/**"}
    assert reach["/a/vb"] == {"/a/*", "/a/{x}", "/a/v{x}", "/**"}
    assert reach["/z"] == {"/**", "/{x}"}
