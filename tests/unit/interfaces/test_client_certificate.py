"""Certificates of clients, from the connection and from trusted proxies."""

import base64
from typing import Any

import pytest

from app.interfaces.client_certificate import certificate_of

DER = b"certificate"
PEM = f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(DER).decode()}\n-----END CERTIFICATE-----\n"
FIELD = b":" + base64.b64encode(DER) + b":"


def scope(**tls: Any) -> dict[str, Any]:
    return {"extensions": {"tls": tls}}


def test_a_trusted_proxy_tells_it_and_nobody_else_does() -> None:
    assert certificate_of({}, {b"client-cert": FIELD}, True) == DER
    assert certificate_of({}, {b"client-cert": FIELD}, False) == b""
    assert certificate_of(scope(client_cert_chain=[PEM]), {b"client-cert": b":eA==:"}, False) == DER


def test_the_certificate_of_a_proxys_own_connection_is_not_the_clients() -> None:
    assert certificate_of(scope(client_cert_chain=[PEM]), {}, True) == b""


@pytest.mark.parametrize("value", [b"", b"x", b'"x"', FIELD + b", " + FIELD, b":\xff:", b"(:AA==:)", b":A:"])
def test_what_a_proxy_says_may_be_no_certificate(value: bytes) -> None:
    assert certificate_of({}, {b"client-cert": value}, True) == b""


def test_the_first_of_a_chain_counts() -> None:
    assert certificate_of(scope(client_cert_chain=(PEM, "other")), {}, False) == DER


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"extensions": None},
        {"extensions": {"tls": None}},
        scope(),
        scope(client_cert_chain=[]),
        scope(client_cert_chain=["nonsense"]),
        scope(client_cert_chain=[PEM.replace("=", "*")]),
        scope(client_cert_chain=[PEM], client_cert_error="expired"),
    ],
)
def test_connections_without_a_certificate_that_counts(asked: dict[str, Any]) -> None:
    assert certificate_of(asked, {}, False) == b""
