import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.policies.token_text import LONGEST, name_of, parse
from app.domain.token_refusals import TokenRefused
from tests.token_forge import b64, part

GOOD = f"{part({'alg': 'RS256'})}.{part({'sub': 'a'})}.{b64(b'signature')}"


def refused(token: bytes | str) -> str:
    with pytest.raises(TokenRefused) as caught:
        parse(token if isinstance(token, bytes) else token.encode())
    assert caught.value.lasting
    return caught.value.reason


def with_payload(text: str | bytes) -> str:
    return f"{part({})}.{b64(text if isinstance(text, bytes) else text.encode())}.{b64(b's')}"


def test_a_name_tells_nothing_of_the_token() -> None:
    assert name_of(b"abc") == "ba7816bf8f01cfea"


def test_a_token_comes_apart() -> None:
    text = parse(GOOD.encode())
    assert text.header == {"alg": "RS256"}
    assert text.claims == {"sub": "a"}
    assert text.signed == GOOD.rpartition(".")[0].encode()
    assert text.signature == b"signature"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("", "not three parts"),
        ("a.b", "not three parts"),
        ("a.b.c.d", "not three parts"),
        (f"{part({'alg': 'none'})}.{part({})}.", "not three parts"),
        ("..", "not three parts"),
        ("a.b.c.d.e", "encrypted"),
        ("a..b", "not three parts"),
        (GOOD + "=", "characters"),
        (GOOD + "\n", "characters"),
        (GOOD.replace(".", " . "), "characters"),
        (GOOD + "+/", "characters"),
        (GOOD + "é", "characters"),
        ("a" * (LONGEST + 1), "longer"),
        ("a.b.c", "base64url"),
        (with_payload("[]"), "no JSON object"),
        (with_payload("null"), "no JSON object"),
        (with_payload("{"), "no JSON"),
        (with_payload("{} {}"), "no JSON"),
        (with_payload("\ufeff{}"), "no JSON"),
        (with_payload(b'{"a":"\xff"}'), "no JSON"),
        (with_payload('{"a":1,"a":2}'), "twice"),
        (with_payload('{"b":{"a":1,"a":1}}'), "twice"),
        (with_payload('{"a":Infinity}'), "none of JSON"),
        (with_payload('{"a":NaN}'), "none of JSON"),
        (with_payload('{"a":1e999}'), "too large"),
        (with_payload('{"a":-1e999}'), "too large"),
        (with_payload('{"a":' + "9" * 5000 + "}"), "no JSON"),
        (with_payload('{"a":"\\ud800"}'), "no JSON"),
        (with_payload('{"\\udfff":1}'), "no JSON"),
        (with_payload("[" * 3000), "nested too deeply"),
        (f"{part('{]')}.{part({})}.{b64(b's')}", "header: no JSON"),
    ],
)
def test_a59_what_is_no_token_is_refused(token: str, reason: str) -> None:
    assert reason in refused(token)


def test_a_token_has_one_text() -> None:
    assert "one form" in refused(with_payload("{}").rpartition(".")[0] + ".QR")
    assert parse((with_payload("{}").rpartition(".")[0] + ".QQ").encode()).signature == b"A"


def test_escaped_characters_are_read() -> None:
    assert parse(with_payload('{"a":"\\u00e9\\ud83d\\ude00"}').encode()).claims == {"a": "é😀"}


@given(st.binary(max_size=200))
def test_a59_random_bytes_are_refused(data: bytes) -> None:
    assert refused(data)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text('ab"\\é'), st.lists, max_leaves=10))
def test_any_json_is_an_object_or_refused(value: object) -> None:
    assert parse(with_payload(json.dumps({"a": value})).encode()).claims == {"a": value}
    assert refused(with_payload(json.dumps(value)))
