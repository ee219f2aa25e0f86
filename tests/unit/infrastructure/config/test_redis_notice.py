import pytest

from app.infrastructure.config.redis_notice import Notice, decode_notice, encode_notice


def test_a_notice_arrives_as_it_was_sent() -> None:
    message = encode_notice("wrote", "me", {"routes": ["a", "b"]})
    assert message == b'{"kind":"wrote","from":"me","ids":{"routes":["a","b"]}}'
    assert decode_notice(message) == Notice("wrote", "me", {"routes": ["a", "b"]})


def test_too_many_ids_and_ids_that_are_no_text_are_not_told() -> None:
    assert encode_notice("found", "me", {"routes": ["x"] * 1001}) is None
    assert encode_notice("found", "me", {"routes": ["\udcff"]}) is None


@pytest.mark.parametrize(
    "message",
    [
        b"", b"{", b"\xff", b"[]", b'{"kind":"other","from":"me","ids":{}}',
        b'{"kind":"wrote","from":"me","ids":{"routes":[' + b",".join([b'"x"'] * 1001) + b"]}}",
    ],
)  # fmt: skip
def test_whatever_else_is_said_there_is_no_notice(message: bytes) -> None:
    assert decode_notice(message) is None
