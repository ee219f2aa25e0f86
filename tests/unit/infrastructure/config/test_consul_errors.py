import ssl

import httpx
import pytest

from app.domain.control_ports import StoreRejected, StoreUnavailable
from app.infrastructure.config.consul_errors import denied, refused, unanswered

WHERE = "consul://consul:8500"


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, b"key contains invalid character", StoreRejected, "(400 key contains invalid character)"),
        (404, b"404 page not found", StoreRejected, "is it Consul"),
        (401, b"", StoreUnavailable, "GATEWAY_CONSUL_TOKEN"),
        (403, b"Permission denied", StoreUnavailable, "GATEWAY_CONSUL_TOKEN"),
        (413, b"Value for key", StoreRejected, "kv_max_value_size"),
        (429, b"", StoreUnavailable, "limits.request_limits"),
        (500, b"No cluster leader", StoreUnavailable, "consul members"),
        (500, b"No path to datacenter", StoreUnavailable, "GATEWAY_CONSUL_DATACENTER"),
        (503, b"\xff\x00<html>\r\n " + b"x" * 5000, StoreUnavailable, "503"),
    ],
)
def test_a_status_says_what_to_do(status: int, body: bytes, kind: type[Exception], said: str) -> None:
    error = refused(WHERE, status, body)
    assert type(error) is kind
    assert str(error).startswith(WHERE)
    assert said in str(error)
    assert str(error).isprintable()
    assert len(str(error)) < 500


def test_a_denial_names_the_policies() -> None:
    assert "key_prefix read" in str(denied(WHERE, "no"))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (httpx.ConnectTimeout(""), "is the address right?"),
        (httpx.PoolTimeout(""), "is the address right?"),
        (httpx.ReadTimeout(""), "nothing came within the time limit"),
        (TimeoutError(), "nothing came within the time limit"),
        (httpx.ConnectError("All connection attempts failed"), "All connection attempts failed; is Consul running"),
        (httpx.ConnectError(""), "connection refused"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"), "GATEWAY_STORE_CA"),
        (ssl.SSLError(1, "no certificate"), "TLS files cannot be used"),
        (FileNotFoundError(2, "No such file or directory", "ca.pem"), "'ca.pem' cannot be read: No such file"),
        (ConnectionResetError(), "the connection broke (ConnectionResetError)"),
        (httpx.RemoteProtocolError(""), "the connection broke (RemoteProtocolError)"),
    ],
)
def test_a_failure_says_what_to_look_at(error: Exception, said: str) -> None:
    made = unanswered(WHERE, error)
    assert isinstance(made, StoreUnavailable)
    assert str(made).startswith(f"{WHERE} does not answer: ")
    assert said in str(made)
