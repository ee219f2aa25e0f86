"""Authorities in their one spelling, and refusals of what is none (P-08, P-52)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import DownstreamError
from app.domain.policies.hosts import canonical_authority, canonical_host


@pytest.mark.parametrize(
    ("value", "scheme", "authority", "host"),
    [
        (b"example.com", "http", "example.com", "example.com"),
        (b"API.Example.COM", "https", "api.example.com", "api.example.com"),
        (b"example.com.", "http", "example.com", "example.com"),
        (b"example.com.:80", "http", "example.com", "example.com"),
        (b"example.com:80", "ws", "example.com", "example.com"),
        (b"example.com:443", "https", "example.com", "example.com"),
        (b"example.com:443", "wss", "example.com", "example.com"),
        (b"example.com:443", "http", "example.com:443", "example.com"),
        (b"example.com:80", "https", "example.com:80", "example.com"),
        (b"example.com:", "http", "example.com", "example.com"),
        (b"localhost:8000", "http", "localhost:8000", "localhost"),
        (b"my_service.internal", "http", "my_service.internal", "my_service.internal"),
        (b"127.0.0.1:9000", "http", "127.0.0.1:9000", "127.0.0.1"),
        (b"[::1]", "http", "[::1]", "[::1]"),
        (b"[2001:DB8:0:0::1]:8080", "http", "[2001:db8::1]:8080", "[2001:db8::1]"),
        (b"[::1]:80", "http", "[::1]", "[::1]"),
        (b"a:65535", "http", "a:65535", "a"),
    ],
)
def test_canonical_form(value: bytes, scheme: str, authority: str, host: str) -> None:
    assert canonical_authority(value, scheme) == (authority, host)


@pytest.mark.parametrize(
    "value",
    [
        b"", b".", b"..", b"a..b", b".a", b"a..", b"-a", b"a.-b", b"a,b", b"a, b", b"user@a", b"user:pw@a", b"a/",
        b"a/b", b"a?b", b"a#b", b"a b", b" a", b"a ", b"a\t", b"a\n", b"a:80\n", b"a\x00", b"\xc3\xa9.org", b"a%2eb",
        b"a:b", b"a:0", b"a:080", b"a:65536", b"a:99999", b"a:123456", b"a:+1", b"a:-1", b"a:1:2", b":80", b":",
        b"::1", b"[::1", b"::1]", b"[]", b"[::1]x", b"[::g]", b"[1.2.3.4]", b"[fe80::1%25eth0]", b"[v1.a]",
        b"a[::1]", b"*", b"*.a", b"a" * 64, b".".join([b"a" * 60] * 5),
    ],
)  # fmt: skip
def test_refused(value: bytes) -> None:
    with pytest.raises(DownstreamError) as caught:
        canonical_authority(value, "http")
    assert (caught.value.status, caught.value.code) == (400, "bad_host")


@given(
    st.binary(max_size=20) | st.text(alphabet="aB-_.:[]0189%@/, *", max_size=12).map(str.encode),
    st.sampled_from(["http", "https"]),
)
def test_any_bytes_give_a_stable_authority_or_a_refusal(value: bytes, scheme: str) -> None:
    try:
        authority, host = canonical_authority(value, scheme)
    except DownstreamError:
        return
    assert canonical_authority(authority.encode(), scheme) == (authority, host)
    assert authority == authority.lower()
    assert authority in {host, f"{host}:{authority.rpartition(':')[2]}"}
    assert canonical_host(host) == host
