"""Which URLs a webhook may have read, and the many spellings of others."""

import pytest

from app.domain.policies.webhook_sources import Sources, parse

FILE = "https://git.example/raw/main/gateway.yaml?ref=main"
SOURCES = Sources([FILE, "https://cdn.example/config/", "http://127.0.0.1:8080/a%2Fb/"])


@pytest.mark.parametrize(
    "url",
    [
        FILE,
        "https://GIT.example:443/raw/main/gateway.yaml?ref=main",
        "https://cdn.example/config/gateway.yaml",
        "https://cdn.example/config/v1.2/gateway%20x.json?token=a.b",
        "http://127.0.0.1:8080/a%2Fb/x",
    ],
)
def test_what_is_on_the_list_may_be_read(url: str) -> None:
    assert SOURCES.problem(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example/raw/main/gateway.yaml",
        "https://git.example/raw/main/gateway.yaml?ref=other",
        "https://git.example/raw/main/gateway.yaml/x?ref=main",
        "http://cdn.example/config/x",
        "https://cdn.example:8443/config/x",
        "https://cdn.example.evil.example/config/x",
        "https://evil.example/config/x",
        "https://cdn.example/config",
        "https://cdn.example/config/",
        "https://cdn.example/config2/x",
        "https://cdn.example/Config/x",
        "https://cdn.example/config/../secret",
        "https://cdn.example/config/%2e%2E/secret",
        "https://cdn.example/config/.%2e/secret",
        "https://cdn.example/config/./x",
        "https://cdn.example/config//x",
        "https://cdn.example/config/a%2f..%2fx",
        "https://cdn.example/config/a%5cx",
        "https://cdn.example/config/%252e%252e/x",
        "https://cdn.example/config/x%00",
        "https://cdn.example/config/x/",
        "http://127.0.0.1:8080/a/b/x",
    ],
)
def test_what_is_not_below_is_not_allowed(url: str) -> None:
    assert SOURCES.problem(url) == "is not allowed by GATEWAY_WEBHOOK_SOURCES"


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "ftp://cdn.example/config/x", "file:///etc/passwd", "https:///config/x", "https:cdn.example/x",
        "https://user@cdn.example/config/x", "https://cdn.example@evil.example/config/x",
        "https://cdn.example\\@evil.example/config/x", "https://cdn.example/config/x#top", "https://cdn.example /x",
        "https://cdn.example/config/x\n", "https://cdn.example:0x50/config/x", "https://cdn.example:99999/config/x",
        "https://cdn.example/config/é", "https://-/x", "https://cdn_example/x", "https://[::1/x", "HTTPS://cdn.example/x",
    ],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_no_url(url: str) -> None:
    assert SOURCES.problem(url) not in ("", "is not allowed by GATEWAY_WEBHOOK_SOURCES")


def test_the_first_file_is_the_default() -> None:
    assert SOURCES.default == FILE
    assert Sources(["https://cdn.example/config/"]).default == ""
    assert Sources([]).default == ""
    assert Sources([]).problem("https://cdn.example/x") != ""


def test_a_host_alone_allows_all_of_it() -> None:
    everything = Sources(["https://cdn.example"])
    assert everything.problem("https://cdn.example/any/x") == ""
    assert everything.problem("https://cdn.example/") != ""


@pytest.mark.parametrize("entry", ["nonsense", "https://a@b/", "https://cdn.example/config/?token=s3cret"])
def test_a_list_that_cannot_be_used_is_told(entry: str) -> None:
    with pytest.raises(ValueError, match=r": ") as caught:
        Sources([entry])
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/x?token=s3cret", "https://a.example/x"),
        ("http://a.example:80", "http://a.example/"),
        ("https://a.example:8443/x/y", "https://a.example:8443/x/y"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ],
)
def test_people_see_no_token(url: str, shown: str) -> None:
    assert parse(url).shown == shown
