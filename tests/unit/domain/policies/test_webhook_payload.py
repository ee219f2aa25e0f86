"""What stands in a message."""

from urllib.parse import urlencode

import pytest

from app.domain.policies.webhook_payload import Wanted, wanted

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def test_a_message_of_a_forge_asks_for_nothing_of_its_own() -> None:
    found = wanted(JSON, b'{"ref": "refs/heads/main", "repository": {"config": 1, "source": 2}}')
    assert found == Wanted()
    assert not found.own


def test_a_configuration_or_where_it_is() -> None:
    assert wanted(JSON, b'{"config": {"routes": {}}, "timestamp": 17}') == Wanted({"routes": {}}, "", 17.0)
    assert wanted("", b'{"source": "https://a/x", "timestamp": 1.5}') == Wanted(None, "https://a/x", 1.5)
    assert wanted(JSON, b'{"config": {}}').own


def test_a_form_holds_json() -> None:
    body = urlencode({"payload": '{"source": "https://a/\u00e9"}'}).encode()
    assert wanted(f"{FORM}; charset=utf-8", body).source == "https://a/\u00e9"


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        (JSON, b"", "is not JSON"),
        (JSON, b"{", "is not JSON"),
        (JSON, b"[" * 100_000, "is not JSON"),
        (JSON, b"[]", "expected a JSON object"),
        (JSON, b'{"config": []}', "config: expected an object"),
        (JSON, b'{"source": 1}', "source: expected a URL"),
        (JSON, b'{"config": {}, "source": "https://a"}', "not both"),
        (JSON, b'{"timestamp": "now"}', "timestamp: "),
        (JSON, b'{"timestamp": true}', "timestamp: "),
        (JSON, b'{"timestamp": null}', "timestamp: "),
        (JSON, b'{"timestamp": -1}', "timestamp: "),
        (FORM, b"{}", "is not the form"),
        (FORM, b"\xff=1", "is not the form"),
        (FORM, b"other=1", "is not JSON"),
        (FORM, b"&".join(b"a=1" for _ in range(11)), "is not the form"),
    ],
)
def test_what_cannot_be_read_is_told(kind: str, body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        wanted(kind, body)
