"""Who sent a webhook: GitHub's and GitLab's own examples, and everything that is not quite one."""

import base64
import hashlib
import hmac

import pytest

from app.domain.policies.webhook_signatures import Sender, Verifier, signed

# The example of docs.github.com, "Validating webhook deliveries".
SECRET = "It's a Secret to Everybody"  # noqa: S105
BODY = b"Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
KEY = base64.b64encode(b"k" * 32).decode()


def standard(identifier: str, timestamp: str, body: bytes, key: bytes = b"k" * 32) -> str:
    """`webhook-signature` by the recipe of the Standard Webhooks specification."""
    mark = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mark).decode()


def test_githubs_own_example_is_genuine() -> None:
    headers = {"x-hub-signature-256": SIGNATURE, "x-github-delivery": "d-1", "x-github-event": "push"}
    assert Verifier(SECRET, "").sender_of(headers, BODY) == Sender("github", "d-1")


def test_a_ping_is_known_as_one() -> None:
    headers = {"x-hub-signature-256": SIGNATURE, "x-github-event": "Ping"}
    sender = Verifier(SECRET, "").sender_of(headers, BODY)
    assert sender is not None
    assert sender.ping


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY),
        ({"x-hub-signature-256": ""}, BODY),
        ({"x-hub-signature-256": SIGNATURE.removeprefix("sha256=")}, BODY),
        ({"x-hub-signature-256": SIGNATURE.upper()}, BODY),
        ({"x-hub-signature-256": SIGNATURE[:-1] + "8"}, BODY),
        ({"x-hub-signature-256": SIGNATURE + "é\udcff"}, BODY),
        ({"x-hub-signature-256": SIGNATURE}, BODY + b" "),
        ({"x-hub-signature": "sha1=0123"}, BODY),
        ({"x-gitlab-token": SECRET}, BODY),
    ],
)
def test_what_is_not_signed_with_the_secret_is_nobodys(headers: dict[str, str], body: bytes) -> None:
    assert Verifier(SECRET, "").sender_of(headers, body) is None


def test_without_a_secret_nothing_is_genuine() -> None:
    empty = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    nobody = Verifier("", "")
    assert nobody.sender_of({"x-hub-signature-256": empty}, BODY) is None
    assert nobody.sender_of({"x-gitlab-token": ""}, BODY) is None
    assert nobody.sender_of({"webhook-signature": standard("", "", BODY, b"")}, BODY) is None


def test_gitlabs_token() -> None:
    verifier = Verifier("", "topsecret")
    assert verifier.sender_of({"x-gitlab-token": "topsecret", "x-gitlab-event-uuid": "e"}, b"") == Sender("gitlab", "e")
    both = {"x-gitlab-token": "topsecret", "x-gitlab-event-uuid": "e", "idempotency-key": "k"}
    assert verifier.sender_of(both, b"") == Sender("gitlab", "k")
    assert verifier.sender_of({"x-gitlab-token": "topsecre"}, b"") is None
    assert verifier.sender_of({"x-gitlab-token": "é"}, b"") is None


def test_gitlabs_signing_token() -> None:
    verifier = Verifier("", f"whsec_{KEY}")
    headers = {"webhook-id": "m-1", "webhook-timestamp": "1700000000"}
    good = standard("m-1", "1700000000", BODY)
    for signature in (good, f"v1,AAAA {good}", f"v1a,x {good} v1,y"):
        sender = verifier.sender_of({**headers, "webhook-signature": signature}, BODY)
        assert sender == Sender("gitlab", "m-1", 1700000000.0)
    other_time = {**headers, "webhook-timestamp": "1700000001", "webhook-signature": good}
    assert verifier.sender_of(other_time, BODY) is None
    assert verifier.sender_of({**headers, "webhook-signature": good}, BODY + b"!") is None
    assert verifier.sender_of({"x-gitlab-token": f"whsec_{KEY}"}, BODY) is None


@pytest.mark.parametrize("timestamp", ["", "soon", "0", "-5", "9" * 40])
def test_a_signed_time_that_is_none_is_long_ago(timestamp: str) -> None:
    headers = {"webhook-id": "m", "webhook-timestamp": timestamp, "webhook-signature": standard("m", timestamp, BODY)}
    sender = Verifier("", f"whsec_{KEY}").sender_of(headers, BODY)
    assert sender is not None
    assert sender.timestamp == 1.0


def test_a_signing_token_that_is_none_is_told_without_it() -> None:
    with pytest.raises(ValueError, match="expected base64 after whsec_") as caught:
        Verifier("", "whsec_not base64!")
    assert "not base64" not in str(caught.value)


def test_our_own_signature_follows_the_recipe() -> None:
    wanted = hmac.new(b"s", b"1700000000." + BODY, hashlib.sha256).hexdigest()
    assert signed("s", "1700000000", BODY) == f"sha256={wanted}"
