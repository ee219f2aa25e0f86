import pytest

from app.domain.entities.service import Target
from app.infrastructure.discovery.addresses import in_order, target_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("10.0.0.1", "http://10.0.0.1:8080"),
        ("2001:db8::0:1", "http://[2001:db8::1]:8080"),
        ("Users.Example.COM.", "http://users.example.com:8080"),
        ("10-1-2-3.users.default.svc", "http://10-1-2-3.users.default.svc:8080"),
        ("_odd_name", "http://_odd_name:8080"),
    ],
)
def test_hosts_become_urls(host: str, url: str) -> None:
    assert target_url("http", host, 8080) == url


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("10.0.0.1", 0, "no port"),
        ("10.0.0.1", 65536, "no port"),
        ("", 80, "no name"),
        ("a b", 80, "no name"),
        ("a/b", 80, "no name"),
        ("user@host", 80, "no name"),
        ("a..b", 80, "no name"),
        ("a" * 254, 80, "no name"),
        ("fe80::1%eth0", 80, "one link"),
    ],
)
def test_what_is_no_address_is_refused(host: str, port: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        target_url("http", host, port)


def test_targets_are_ordered_and_once_each() -> None:
    light, heavy, other = Target("http://b:1", 1), Target("http://b:1", 5), Target("http://a:1", 2)
    assert in_order([light, heavy, other]) == (other, heavy)
    assert in_order([heavy, light]) == (heavy,)
