"""What requests are counted by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.identity import Identity
from app.domain.entities.request import Client
from app.domain.policies import limit_keys
from app.domain.policies.limit_keys import Keys, Part, digest
from tests.fakes import exchange, request


def asked(address: str = "192.0.2.1", headers: Headers | None = None, identity: Identity | None = None) -> Exchange:
    made = exchange(request(headers=headers))
    made.request.client = Client(address, address)
    made.identity = identity
    return made


def keys(*parts: Part) -> Keys:
    return Keys(parts)


ADDRESS = keys(limit_keys.address)


def test_a66_an_ipv6_address_counts_with_its_networks() -> None:
    one, same_64 = ADDRESS.of(asked("2001:db8:1:1::1")), ADDRESS.of(asked("2001:db8:1:1:ffff::2"))
    same_56, same_48, other = (
        ADDRESS.of(asked(text)) for text in ("2001:db8:1:2::1", "2001:db8:1:ff00::", "2001:db9::")
    )
    assert len(one) == 3
    assert one == same_64
    assert one[0] != same_56[0]
    assert one[1:] == same_56[1:]
    assert one[1] != same_48[1]
    assert one[2] == same_48[2]
    assert set(one).isdisjoint(other)


def test_a66_an_ipv4_mapped_address_is_its_ipv4_address() -> None:
    assert ADDRESS.of(asked("::ffff:192.0.2.1")) == ADDRESS.of(asked("192.0.2.1"))
    assert len(ADDRESS.of(asked("192.0.2.1"))) == 1


def test_what_is_no_address_counts_as_it_is() -> None:
    assert ADDRESS.of(asked("")) != ADDRESS.of(asked("unknown"))


def test_a18_keys_have_one_length_whatever_they_are_made_of() -> None:
    by_header = keys(limit_keys.header("X-Plan"))
    long = [(b"x-plan", b"a" * 100_000)]
    assert [len(key) for key in by_header.of(asked(headers=long))] == [16]
    assert by_header.of(asked(headers=long)) == by_header.of(asked("192.0.2.2", headers=long))


@pytest.mark.parametrize(
    "part", [limit_keys.consumer, limit_keys.credential, limit_keys.header("x-a"), limit_keys.cookie("a")]
)
def test_what_a_request_has_none_of_is_its_address(part: Part) -> None:
    assert keys(part).of(asked("192.0.2.1")) != keys(part).of(asked("192.0.2.2"))
    assert len(keys(part).of(asked("2001:db8::1"))) == 3


def test_consumers_and_credentials_count_wherever_they_are() -> None:
    mobile, second = Identity("mobile", "api_key", "0" * 16), Identity("mobile", "api_key", "1" * 16)
    by_consumer, by_credential = keys(limit_keys.consumer), keys(limit_keys.credential)
    assert by_consumer.of(asked("2001:db8::1", identity=mobile)) == by_consumer.of(asked("192.0.2.2", identity=second))
    assert by_credential.of(asked(identity=mobile)) != by_credential.of(asked(identity=second))


def test_a_consumer_cannot_be_named_as_an_address_is() -> None:
    somebody = Identity("192.0.2.1", "jwt", "0" * 16)
    assert keys(limit_keys.consumer).of(asked("192.0.2.9", identity=somebody)) != ADDRESS.of(asked("192.0.2.1"))


def test_cookies_are_found_by_their_whole_name() -> None:
    by_cookie = keys(limit_keys.cookie("id"))
    one = by_cookie.of(asked(headers=[(b"cookie", b"xid=2; id=1; id=3")]))
    assert one == by_cookie.of(asked("192.0.2.7", headers=[(b"cookie", b"id=1")]))
    assert one != by_cookie.of(asked(headers=[(b"cookie", b"xid=1")]))


def test_routes_count_apart() -> None:
    by_route = keys(limit_keys.route)
    assert not by_route.addresses
    assert keys(limit_keys.route, limit_keys.address).addresses
    # An exchange without a route counts by its address.
    assert by_route.of(asked("192.0.2.1")) != by_route.of(asked("192.0.2.2"))


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
def test_different_texts_have_different_keys(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


def test_a18_what_is_remembered_is_bounded() -> None:
    for number in range(5000):
        ADDRESS.of(asked(f"10.0.{number // 256}.{number % 256}"))
    assert len(ADDRESS._remembered) <= 4096
