"""Who is asking."""

import pytest

from app.domain.entities.consumer import Consumer
from app.domain.entities.identity import Identity
from app.domain.policies.identities import accept, identity_fields, merge, remove_fields
from app.domain.refusals import Unauthenticated
from tests.fakes import exchange, request

MOBILE = Identity("mobile", "api_key", "11", Consumer(groups=("b", "a"), scopes=("s1",)))
TOKEN = Identity("main:jo", "jwt", "22", scopes=frozenset({"s2"}), claims={"sub": "jo", "x": 1})


def test_the_first_that_names_a_consumer_wins_with_the_scopes_and_claims_of_both() -> None:
    for first, second in ((MOBILE, TOKEN), (TOKEN, MOBILE)):
        merged = merge(first, second)
        assert (merged.id, merged.consumer, merged.method, merged.credential) == ("mobile", "mobile", "api_key", "11")
        assert merged.scopes == {"s1", "s2"}
        assert merged.claims == {"sub": "jo", "x": 1}
        assert merged.groups == {"a", "b"}
        assert merged is not first


def test_without_a_consumer_the_first_wins() -> None:
    other = Identity("other:al", "jwt", "33", scopes=frozenset({"s3"}), claims={"sub": "al", "y": 2})
    merged = merge(TOKEN, other)
    assert (merged.id, merged.consumer) == ("main:jo", "")
    assert merged.claims == {"sub": "jo", "x": 1, "y": 2}


def test_two_credentials_of_one_consumer_are_fine_and_of_two_are_not() -> None:
    entity = Consumer()
    one, two = Identity("a", "api_key", "1", entity), Identity("a", "basic", "2", entity)
    assert merge(one, two).method == "api_key"
    asked = exchange()
    accept(asked, one)
    assert (asked.identity, asked.consumer) == (one, "a")
    with pytest.raises(Unauthenticated, match="different consumers") as refused:
        accept(asked, MOBILE, b"ApiKey realm=x")
    assert refused.value.headers == [(b"www-authenticate", b"ApiKey realm=x")]
    assert asked.identity is one
    accept(asked, TOKEN)
    assert asked.consumer == "a"


def test_what_services_are_told() -> None:
    assert identity_fields(MOBILE) == [
        (b"x-consumer-id", b"mobile"), (b"x-consumer-groups", b"a, b"), (b"x-credential-id", b"11"),
    ]  # fmt: skip
    assert identity_fields(TOKEN) == [(b"x-consumer-id", b"main:jo"), (b"x-credential-id", b"22")]


@pytest.mark.parametrize(
    ("id_", "told"),
    [
        ("main:a\r\nx-admin: 1", b"main:a%0D%0Ax-admin:%201"),
        ("main:a%0D", b"main:a%250D"),
        ("main:é,b", b"main:%C3%A9%2Cb"),
        ("main:\ud800", b"main:%ED%A0%80"),
        ("main:\x00", b"main:%00"),
    ],
)
def test_names_from_outside_end_no_field(id_: str, told: bytes) -> None:
    assert identity_fields(Identity(id_, "jwt", "1"))[0] == (b"x-consumer-id", told)


def test_a_comma_in_a_group_joins_no_list() -> None:
    groups = identity_fields(Identity("a", "jwt", "1", Consumer(groups=("x,y", "z"))))[1]
    assert groups == (b"x-consumer-groups", b"x%2Cy, z")


def test_fields_are_removed_in_both_places() -> None:
    asked = request(headers=[(b"x-a", b"1"), (b"x-b", b"2"), (b"x-a", b"3")])
    before = asked.headers
    remove_fields(asked, (b"x-c",))
    assert asked.headers is before
    remove_fields(asked, (b"x-a", b"x-c"))
    assert asked.headers == [(b"host", b"test"), (b"x-b", b"2")]
    assert asked.fields == {b"host": b"test", b"x-b": b"2"}
