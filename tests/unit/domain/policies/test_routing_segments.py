"""One segment of a pattern, and how a pattern lies on the segments of a path."""

import pytest

from app.domain.policies.routing_segments import Partial, Segment, Wild, accepts, place

D, ONE = Wild.DEPTH, Wild.ONE


@pytest.mark.parametrize(
    ("literals", "text", "values"),
    [
        (("v", ""), "v1", ["1"]),
        (("v", ""), "v", None),
        (("v", ""), "x1", None),
        (("", ".json"), "a.json", ["a"]),
        (("", ".json"), ".json", None),
        (("", ".json"), "a.jsonx", None),
        (("a", "a"), "aa", None),
        (("a", "a"), "aba", ["b"]),
        (("a", "a"), "a", None),
        (("", "-", ""), "a-b-c", ["a", "b-c"]),
        (("", "-", ""), "--", None),
        (("", "-", ""), "---", ["-", "-"]),
        (("", "-", ""), "a-", None),
        (("v", ".", ".", "x"), "v1.2.3x", ["1", "2", "3"]),
        (("v", ".", ".", "x"), "v1.2x", None),
        (("", "2", ""), "a%20b", None),
        (("", "2", ""), "a%202b", ["a%20", "b"]),
        (("", "0b"), "a%20b", None),
        (("", "b"), "a%20b", ["a%20"]),
        (("%20", ""), "%20b", ["b"]),
    ],
)
def test_partial_segments(literals: tuple[str, ...], text: str, values: list[str] | None) -> None:
    partial = Partial(literals)
    spans = partial.spans(text)
    assert ([text[start:end] for start, end in spans] if spans is not None else None) == values
    assert accepts(partial, text) == (values is not None)
    if values is not None:
        assert partial.values(text) == values


@pytest.mark.parametrize(
    ("literals", "raw", "values"),
    [
        (("@", ""), "%40bob", ["bob"]),
        (("", "@", ""), "a%2Bb%40%20c", ["a%2Bb", "%20c"]),
        (("", "@", ""), "a+b@c%40", ["a+b", "c%40"]),
    ],
)
def test_values_of_a_partial_segment_stand_as_they_came(literals: tuple[str, ...], raw: str, values: list[str]) -> None:
    assert Partial(literals).values(raw) == values


@pytest.mark.parametrize(
    ("wanted", "text", "result"),
    [("a", "a", True), ("a", "A", False), (ONE, "a", True), (ONE, "", False), ("", "", True)],
)
def test_whole_segments(wanted: Segment, text: str, *, result: bool) -> None:
    assert accepts(wanted, text) is result


@pytest.mark.parametrize(
    ("wanted", "given", "places"),
    [
        (("a", ONE), "a/b", [0, 1]),
        (("a", ONE), "a", None),
        (("a", ONE), "a/b/c", None),
        ((D,), "", [0]),
        (("a", D), "a", [0, 1]),
        (("a", D), "a/b/c", [0, 1]),
        (("a", D, "b"), "a/b", [0, 1, 1]),
        (("a", D, "b"), "a/b/b", [0, 2, 2]),
        (("a", D, "b"), "a", None),
        ((D, ONE, D), "x/y", [0, 0, 1]),
        ((D, "b", ONE, D), "a/b/c/b", [1, 1, 2, 3]),
        ((D, "b", ONE, D, "c"), "b/b/c/c", [0, 0, 1, 3, 3]),
        ((D, "a", D, "a"), "a", None),
        (("a", D, "a"), "a", None),
    ],
)
def test_places(wanted: tuple[Segment, ...], given: str, places: list[int] | None) -> None:
    found = place(wanted, given.split("/"))
    if places is None:
        assert found is None
    else:
        assert found is not None
        taken = [index for index, segment in zip(found, wanted, strict=True) if segment is not D]
        assert taken == [index for index, segment in zip(places, wanted, strict=True) if segment is not D]
