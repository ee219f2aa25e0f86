"""What a TLS session says of its client, as ASGI's extension has it."""

import asyncio
import ssl
from typing import Any, cast

import pytest

from app.infrastructure.downstream.client_tls import ClientTls
from tests.certificates import make_ca


class Session:
    def __init__(self, protocol: str | None, certificate: bytes | None) -> None:
        self._protocol = protocol
        self._certificate = certificate

    def selected_alpn_protocol(self) -> str | None:
        return self._protocol

    def getpeercert(self, binary_form: bool) -> bytes | None:
        assert binary_form
        return self._certificate


class Connected:
    def __init__(self, session: Session | None) -> None:
        self._session = session

    def get_extra_info(self, name: str) -> Any:
        return self._session if name == "ssl_object" else None


def known(session: Session | None) -> ClientTls:
    return ClientTls(cast("asyncio.Transport", Connected(session)))


@pytest.mark.parametrize(("protocol", "http2"), [("h2", True), ("http/1.1", False), (None, False)])
def test_what_it_speaks(protocol: str | None, http2: bool) -> None:
    told = known(Session(protocol, None))
    assert told.http2 is http2
    assert told.extension is None


def test_a_certificate_is_told_as_pem() -> None:
    pem = make_ca().cert_pem.decode()
    told = known(Session(None, ssl.PEM_cert_to_DER_cert(pem)))
    assert told.extension == {"client_cert_chain": [pem], "client_cert_error": None}


def test_without_tls_nothing_is_known() -> None:
    told = known(None)
    assert not told.http2
    assert told.extension is None
