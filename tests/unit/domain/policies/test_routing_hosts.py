"""What each kind of host pattern matches and refuses."""

import pytest

from app.domain.policies.routing_hosts import parse_host, suffixes
from app.infrastructure.config.regex import compile_regex


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("api.example.com", ["api.example.com"], ["example.com", "x.api.example.com", "apixexample.com"]),
        ("API.Example.com.", ["api.example.com"], []),
        ("*.example.com", ["a.example.com", "a.b.example.com"], ["example.com", "aexample.com", "example.com.org"]),
        ("*", ["a", "[::1]", ""], []),
        ("[2001:DB8::0:1]", ["[2001:db8::1]"], ["[2001:db8::2]"]),
        ("127.0.0.1", ["127.0.0.1"], ["127.0.0.11"]),
        (r"~(api|www)\d*\.example\.com", ["api.example.com", "www2.example.com"], ["x.api.example.com", "api"]),
    ],
)
def test_what_a_pattern_matches(pattern: str, yes: list[str], no: list[str]) -> None:
    parsed = parse_host(pattern, compile_regex)
    assert [host for host in yes if not parsed.matches(host)] == []
    assert [host for host in no if parsed.matches(host)] == []


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "expected a host"),
        ("a b", "expected a host"),
        ("a/b", "expected a host"),
        ("a..b", "expected a host"),
        ("*.", "expected a host"),
        ("a.*", "stands alone"),
        ("*a.org", "stands alone"),
        ("*.*.org", "stands alone"),
        ("a.org:8080", "no port"),
        ("::1", "no port"),
        ("[::g]", "expected a host"),
        ("*.[::1]", "no subdomains"),
        ("bücher.example", "xn--"),
        ("~(a", "RE2"),
        ("~", "empty"),
    ],
)
def test_patterns_that_cannot_be_used(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_host(pattern, compile_regex)


def test_suffixes_from_the_longest() -> None:
    assert list(suffixes("a.b.c")) == ["b.c", "c"]
    assert list(suffixes("localhost")) == []
