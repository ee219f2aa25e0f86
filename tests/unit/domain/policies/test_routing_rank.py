"""The order of specificity, one part at a time."""

from itertools import pairwise

from app.domain.policies.routing_hosts import parse_host
from app.domain.policies.routing_patterns import parse_path
from app.domain.policies.routing_rank import labels, path_rank
from app.infrastructure.config.regex import compile_regex


def test_paths_from_the_most_to_the_least_specific() -> None:
    patterns = [
        "/users/me",
        "/users/me/{x}/z",
        "/users/me/{x}",
        "/users/v{x}/all",
        "/users/v{x}",
        "/users/{x}v",
        "/users/{x}/all/now",
        "/users/{x}/all",
        "/users/*/{y}/z",
        "/users/*/{y}",
        "/users/{x}",
        "/us{x}/a",
        "/{x}/a",
        "~/users/.*",
        "/users/me/*",
        "/users/{x}/*",
        "/users/**/all",
        "/users/**/{x}",
        "/users/*",
        "/{x}/*",
        "/**/all",
        "/**",
    ]
    ranks = [path_rank(parse_path(pattern, compile_regex)) for pattern in patterns]
    ties = [(a, b) for (a, one), (b, two) in pairwise(zip(patterns, ranks, strict=True)) if one == two]
    assert ties == [("/users/v{x}", "/users/{x}v")]
    assert ranks == sorted(ranks)


def test_alike_in_shape_is_alike_in_rank() -> None:
    one, two = (path_rank(parse_path(text, compile_regex)) for text in ("/a/{x}/*", "/b/*/**"))
    assert one == two


def test_long_text_in_a_part_keeps_its_place_between_text_and_a_whole_segment() -> None:
    text, part, whole = (
        path_rank(parse_path(pattern, compile_regex)) for pattern in ("/a/{y}", "/" + "a" * 500 + "{x}/b", "/{x}/b")
    )
    assert text < part < whole


def test_labels_of_a_suffix() -> None:
    assert [labels(parse_host(text, compile_regex)) for text in ("a.b", "*.b", "*.a.b", "*", "~a")] == [0, 1, 2, 0, 0]
