"""Origins: exact, or whole labels below a name, and nothing that only looks like one (A-38)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.origins import Origins, canonical, origin_of, own_origin, problem_of

LABEL = st.text("abcxyz019-_", min_size=1, max_size=8)
NAMES = st.lists(LABEL, min_size=1, max_size=4).map(".".join)


def test_an_origin_counts_whole() -> None:
    origins = Origins(["https://app.example.com", "http://127.0.0.1:3000", "capacitor://localhost"])
    assert "https://app.example.com" in origins
    assert "http://127.0.0.1:3000" in origins
    assert "capacitor://localhost" in origins


@pytest.mark.parametrize(
    "origin",
    [
        "http://app.example.com", "https://app.example.com:444", "https://app.example.com.evil.example",
        "https://evilapp.example.com", "https://app.example.com/", "https://app.example.co", "null", "",
        "https://app.example.com, https://evil.example", "https://APP.example.com",
    ],
)  # fmt: skip
def test_a38_other_origins_do_not_count(origin: str) -> None:
    assert origin not in Origins(["https://app.example.com"])


@pytest.mark.parametrize("origin", ["https://a.example.com", "https://a.b.example.com", "https://a_b.example.com"])
def test_a_wildcard_stands_for_names_below(origin: str) -> None:
    assert origin in Origins(["https://*.example.com"])


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.com", "https://.example.com", "https://evilexample.com", "http://a.example.com",
        "https://evil.example/.example.com", "https://evil.example#.example.com", "https://evil.example:1.example.com",
        "https://evil.example\\.example.com", "https://user@a.example.com", "https://a.example.com:8443",
        "https://a..example.com", "https://%2e.example.com", "https://evil.example?.example.com",
    ],
)  # fmt: skip
def test_a38_a_wildcard_stands_for_whole_labels_only(origin: str) -> None:
    assert origin not in Origins(["https://*.example.com"])


@given(st.text(max_size=40), NAMES)
def test_a38_whatever_passes_a_wildcard_ends_in_its_name_and_holds_nothing_but_labels(junk: str, name: str) -> None:
    origins = Origins(["https://*.example.com"])
    assert f"https://{name}.example.com" in origins
    text = f"https://{junk}.example.com"
    if text in origins:
        assert origin_of(text) == text


def test_any_is_not_null_and_null_must_be_named() -> None:
    assert "https://anything.example" in Origins(["*"])
    assert "null" not in Origins(["*"])
    assert "null" in Origins(["null"])


def test_patterns_are_compared_as_browsers_write_origins() -> None:
    assert "https://app.example.com" in Origins(["HTTPS://App.Example.com:443"])
    assert "https://app.example.com:8443" in Origins(["https://app.example.com:8443"])
    assert canonical("http://[::1]:80") == "http://[::1]"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("app.example.com", "is no origin"),
        ("https://app.example.com/", "without a path"),
        ("https://app.example.com/x", "without a path"),
        ("https://app.example.com:99999", "is no origin"),
        ("https://a.*.example.com", "is no origin"),
        ("https://*", "is no origin"),
        ("https://*.com", "top-level domain"),
        ("", "is no origin"),
    ],
)
def test_what_is_no_origin_is_refused(pattern: str, words: str) -> None:
    assert words in problem_of(pattern)
    with pytest.raises(ValueError, match=words):
        Origins([pattern])


@pytest.mark.parametrize("pattern", ["*", "null", "http://*.localhost:3000", "https://xn--bcher-kva.example"])
def test_what_is_one_is_not(pattern: str) -> None:
    assert problem_of(pattern) == ""


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://A.example:443/x?y#z", "https://a.example"),
        ("http://a.example:8080", "http://a.example:8080"),
        ("https://a.example\\@evil.example/", "https://a.example"),
        ("https://user@a.example/", ""),
        ("https://*.example.com/", ""),
        ("about:blank", ""),
        ("/path", ""),
        ("", ""),
    ],
)
def test_the_origin_of_a_url(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_the_origin_of_the_gateways_own_pages() -> None:
    assert own_origin("wss", "api.example.com") == own_origin("https", "api.example.com") == "https://api.example.com"
    assert own_origin("ws", "a:8080") == "http://a:8080"
