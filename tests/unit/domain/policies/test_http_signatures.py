"""The signature base, against appendix B of RFC 9421."""

import pytest

from app.domain.policies.http_signatures import RequestView, component_problem, signature_base, signature_params
from app.domain.policies.http_signatures_reading import read_signatures
from app.domain.policies.http_signatures_signing import sign_hmac
from app.domain.policies.structured_fields import Parameters
from app.infrastructure.security.signature_keys import SignatureKeyRing
from tests import rfc9421
from tests.unit.infrastructure.security.test_signature_keys import key


def base_of(vector: rfc9421.Vector) -> tuple[bytes, bytes]:
    (one,) = read_signatures(f"sig={vector.input}".encode(), f"sig=:{vector.signature}:".encode())
    return signature_base(one.components, rfc9421.REQUEST, one.params), one.signature


def test_the_base_of_b_2_6_letter_for_letter() -> None:
    base, _ = base_of(rfc9421.EDWARDS)
    assert base == (
        b'"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@method": POST\n"@path": /foo\n"@authority": example.com\n'
        b'"content-type": application/json\n"content-length": 18\n'
        b'"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length")'
        b';created=1618884473;keyid="test-key-ed25519"'
    )


@pytest.mark.parametrize(
    ("vector", "algorithm", "public"),
    [
        (rfc9421.MINIMAL, "rsa-pss-sha512", rfc9421.RSA_PSS),
        (rfc9421.FULL, "rsa-pss-sha512", rfc9421.RSA_PSS),
        (rfc9421.EDWARDS, "ed25519", rfc9421.ED25519),
    ],
)
def test_signatures_of_the_appendix_hold(vector: rfc9421.Vector, algorithm: str, public: str) -> None:
    base, signature = base_of(vector)
    ring, used = SignatureKeyRing(), key(algorithm, public=public)
    assert ring.verify(used, base, signature)
    assert not ring.verify(used, base + b" ", signature)
    assert not ring.verify(used, base, signature[:-1] + bytes([signature[-1] ^ 1]))


def test_the_hmac_of_b_2_5_comes_out_the_same() -> None:
    base, signature = base_of(rfc9421.HMAC)
    assert sign_hmac(base, rfc9421.SHARED_SECRET) == signature


def test_every_derived_component() -> None:
    view = RequestView("GET", "https", "example.com", "/a%20b", "x=1", [])
    names = ["@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query"]
    lines = signature_base(names, view, {}).decode().split("\n")
    assert lines[:-1] == [
        '"@method": GET', '"@target-uri": https://example.com/a%20b?x=1', '"@authority": example.com',
        '"@scheme": https', '"@request-target": /a%20b?x=1', '"@path": /a%20b', '"@query": ?x=1',
    ]  # fmt: skip
    bare = signature_base(["@query", "@path", "@target-uri"], view._replace(path="", query=""), {})
    assert bare.decode().split("\n")[:3] == ['"@query": ?', '"@path": /', '"@target-uri": https://example.com']


def test_lines_of_a_field_are_one_value() -> None:
    """Section 2.1: `X-OWS-Header` and `Cache-Control` of its example, and an empty field."""
    headers = [
        (b"x-ows-header", b" Leading and trailing whitespace. "),
        (b"cache-control", b"max-age=60"),
        (b"x-empty-header", b""),
        (b"cache-control", b"   must-revalidate"),
    ]
    view = rfc9421.REQUEST._replace(headers=headers)
    assert signature_base(["x-ows-header", "cache-control", "x-empty-header"], view, {}).startswith(
        b'"x-ows-header": Leading and trailing whitespace.\n"cache-control": max-age=60, must-revalidate\n'
        b'"x-empty-header": \n"@signature-params": '
    )


@pytest.mark.parametrize(
    ("components", "reason"),
    [
        (["x-gone"], "no field 'x-gone'"),
        (["@method", "@method"], "covered twice"),
        (["@query-param"], "'@query-param' is none of @method"),
        (["@status"], "is none of"),
        (["Date"], "no field name in lower case"),
        ([""], "no field name"),
        (["a b"], "no field name"),
    ],
)
def test_what_cannot_be_covered(components: list[str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        signature_base(components, rfc9421.REQUEST, {})


def test_parameters_are_written_in_their_order() -> None:
    params: Parameters = {"keyid": "k", "created": 1, "nonce": 'a"b', "flag": True, "off": False}
    assert signature_params(["@path"], params) == '("@path");keyid="k";created=1;nonce="a\\"b";flag;off=?0'
    assert component_problem("content-digest") == ""
