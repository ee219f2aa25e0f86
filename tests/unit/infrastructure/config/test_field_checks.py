"""Single values that can be used, and those that cannot."""

from pathlib import Path

import pytest

from app.infrastructure.config.field_checks import (
    authority_problem,
    field_names,
    field_values,
    files,
    host_problem,
    id_problem,
    origin_problem,
    positive,
)


@pytest.mark.parametrize(
    "url",
    [
        "http://a",
        "https://a.b-c.example:8443",
        "http://127.0.0.1:80/",
        "http://[::1]:9",
        "http://my_service",
        "HTTP://a",
    ],
)
def test_targets(url: str) -> None:
    assert origin_problem(url) == ""


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "expected http://host:port"),
        ("a:80", "expected http://host:port"),
        ("//a", "expected http://host:port"),
        ("ftp://a", "expected http://host:port"),
        ("http://", "the host is missing"),
        ("http://:80", "the host is missing"),
        ("http://a:", "the port is a number"),
        ("http://a:0", "the port is a number"),
        ("http://a:65536", "the port is a number"),
        ("http://a:8x", "the port is a number"),
        ("http://a/b", "no path"),
        ("http://a?b", "no path and no query"),
        ("http://a?", "no path and no query"),
        ("http://a#", "no path and no query"),
        ("http://u:p@a", "no user name"),
        ("http://[::1", "expected http://host:port"),
        ("http://[x]", "expected http://host:port"),
        ("http://[fe80::1%25eth0]", "expected http://host:port"),
        ("http://a b", "printable ASCII"),
        ("http://a\n", "printable ASCII"),
        ("http://münchen.example", "xn--"),
        ("http://a..b", "no name"),
        ("http://-a", "no name"),
    ],
)
def test_what_is_no_target(url: str, reason: str) -> None:
    assert reason in origin_problem(url)


@pytest.mark.parametrize("text", ["a", "a:1", "[::1]", "[::1]:65535", "10.0.0.1:80"])
def test_authorities(text: str) -> None:
    assert authority_problem(text) == ""


@pytest.mark.parametrize("text", ["", ":80", "::1", "a:b", "[::1]:", "[::1]x", "a b", "a/b", "u@a"])
def test_what_is_no_authority(text: str) -> None:
    assert authority_problem(text)


def test_hosts() -> None:
    assert host_problem("a" * 253) == ""
    assert host_problem("a" * 254)
    assert host_problem("[fe80::1%eth0]") == "an IPv6 address of a configuration has no zone"


@pytest.mark.parametrize("text", ["a", "users-api", "users/v1@eu", "é", "x" * 128])
def test_ids(text: str) -> None:
    assert id_problem(text) == ""


@pytest.mark.parametrize("text", ["", "a b", "a\n", "x" * 129, "\u200b", "\x7f"])
def test_what_is_no_id(text: str) -> None:
    assert id_problem(text)


def test_field_names() -> None:
    assert field_names({"X-A": "", "x-b": ""}, ("headers",)) == []
    assert field_names({"a b": "", "X-A": "", "x-a": "", "": ""}, ("headers",)) == [
        (("headers", "a b"), "is no field name"),
        (("headers", "x-a"), "is the same field as X-A"),
        (("headers", ""), "is no field name"),
    ]


def test_field_values() -> None:
    assert field_values({"a": "plain text", "b": ""}, ()) == []
    bad = {"a": "x\r\ny", "b": " x", "c": "é", "d": "\x00"}
    assert [path for path, _ in field_values(bad, ("h",))] == [("h", name) for name in bad]


def test_limits() -> None:
    assert positive([("a", "b", 1), ("a", "c", None)]) == []
    assert [path for path, _ in positive([("a", "b", 0), ("a", "c", -1)])] == [("a", "b"), ("a", "c")]


def test_files(tmp_path: Path) -> None:
    there = tmp_path / "ca.pem"
    there.touch()
    assert files([(("tls", "ca"), str(there)), (("tls", "cert"), "")]) == []
    assert files([(("tls", "ca"), str(tmp_path)), (("tls", "key"), "/no/such"), (("tls", "cert"), "\0")]) == [
        (("tls", "ca"), f"file {str(tmp_path)!r} cannot be read: Is a directory"),
        (("tls", "key"), "file '/no/such' cannot be read: No such file or directory"),
        (("tls", "cert"), "file '\\x00' cannot be read: no file has such a name"),
    ]
