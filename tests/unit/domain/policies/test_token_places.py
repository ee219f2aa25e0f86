import pytest

from app.domain.entities.request import Request
from app.domain.policies.token_places import BearerPlace, CookiePlace, FieldPlace, QueryPlace
from app.domain.token_refusals import TokenRefused
from tests.fakes import request


def with_fields(*fields: tuple[bytes, bytes]) -> Request:
    made = request(headers=list(fields))
    joined: dict[bytes, bytes] = {}
    for name, value in made.headers:
        glue = b"; " if name == b"cookie" else b", "
        joined[name] = joined[name] + glue + value if name in joined else value
    made.fields = joined
    return made


@pytest.mark.parametrize(
    ("value", "token"),
    [
        (b"Bearer abc", b"abc"),
        (b"bEARER abc", b"abc"),
        (b"Bearer  abc", b"abc"),
        (b"Bearer a b", b"a b"),
        (b"Bearer a, Bearer b", b"a, Bearer b"),
        (b"Basic abc", None),
        (b"Bearerabc", None),
        (b'Digest username="x", realm="y"', None),
        (b"", None),
    ],
)
def test_a_bearer_token_is_found(value: bytes, token: bytes | None) -> None:
    assert BearerPlace().find(with_fields((b"authorization", value))) == token


def test_no_field_is_no_token() -> None:
    asked = with_fields()
    assert BearerPlace().find(asked) is None
    assert FieldPlace("X-Token").find(asked) is None
    assert CookiePlace("t").find(asked) is None
    assert QueryPlace("t").find(asked) is None


@pytest.mark.parametrize(
    "value", [b"Basic x, Bearer b", b"bearer", b"Basic x,bEARER", b"Bearer\tx", b"bearer:x", b"Bearer=x"]
)
def test_several_credentials_are_none(value: bytes) -> None:
    with pytest.raises(TokenRefused):
        BearerPlace().find(with_fields((b"authorization", value)))


def test_a_bearer_token_is_removed_and_other_credentials_are_not() -> None:
    bearer, basic = with_fields((b"authorization", b"Bearer a")), with_fields((b"authorization", b"Basic a"))
    for one in (bearer, basic, with_fields()):
        BearerPlace().remove(one)
    assert b"authorization" not in bearer.fields
    assert b"authorization" in basic.fields
    assert [name for name, _ in bearer.headers] == [b"host"]


def test_a_field_holds_the_token_alone() -> None:
    asked = with_fields((b"x-token", b"abc"))
    assert FieldPlace("X-Token").find(asked) == b"abc"
    FieldPlace("X-Token").remove(asked)
    assert FieldPlace("X-Token").find(asked) is None


def test_a_cookie_is_found_and_removed() -> None:
    asked = with_fields((b"cookie", b"a=1; t=abc"), (b"x", b"y"), (b"cookie", b"b=2"), (b"cookie", b"t2=x"))
    place = CookiePlace("t")
    assert place.find(asked) == b"abc"
    place.remove(asked)
    assert place.find(asked) is None
    assert asked.headers[1:] == [(b"cookie", b"a=1"), (b"x", b"y"), (b"cookie", b"b=2"), (b"cookie", b"t2=x")]
    assert asked.fields[b"cookie"] == b"a=1; b=2; t2=x"


def test_a_cookie_alone_leaves_no_field() -> None:
    asked = with_fields((b"cookie", b"t=abc"))
    CookiePlace("t").remove(asked)
    assert b"cookie" not in asked.fields
    assert [name for name, _ in asked.headers] == [b"host"]


def test_other_cookies_are_not_touched() -> None:
    asked = with_fields((b"cookie", b"a=1"))
    CookiePlace("t").remove(asked)
    CookiePlace("t").remove(with_fields())
    assert asked.fields[b"cookie"] == b"a=1"


def test_a61_a_cookie_that_is_there_twice_is_none() -> None:
    with pytest.raises(TokenRefused):
        CookiePlace("t").find(with_fields((b"cookie", b"t=a; t=b")))


@pytest.mark.parametrize(
    ("query", "token", "rest"),
    [
        ("", None, ""),
        ("a=1", None, "a=1"),
        ("t=abc", b"abc", ""),
        ("a=1&t=abc&b=2", b"abc", "a=1&b=2"),
        ("%74=a%2Eb", b"a.b", ""),
        ("t", b"", ""),
        ("t2=x", None, "t2=x"),
    ],
)
def test_a61_a_parameter_is_found_and_removed(query: str, token: bytes | None, rest: str) -> None:
    asked, place = request(query=query), QueryPlace("t")
    assert place.find(asked) == token
    place.remove(asked)
    assert asked.query == rest


def test_a61_a_parameter_that_is_there_twice_is_none() -> None:
    with pytest.raises(TokenRefused):
        QueryPlace("t").find(request(query="t=a&%74=b"))
