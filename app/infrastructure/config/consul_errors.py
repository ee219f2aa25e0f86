"""Says what an answer of Consul that is none means, and what to do about it. Not for asking Consul."""

import ssl
from http import HTTPStatus
from typing import Final

import httpx

from app.domain.control_ports import StoreError, StoreRejected, StoreUnavailable

_LONGEST: Final = 200


def refused(where: str, status: int, body: bytes) -> StoreError:
    """The error that a status other than 200 stands for.

    StoreRejected for what will never be taken, StoreUnavailable for the rest. Statuses: Consul's HTTP API, "Response
    codes" and the ACL, transaction and rate limit pages.
    """
    said = _said(status, body)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return denied(where, said)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        limits = "make the entity smaller, or raise kv_max_value_size and txn_max_req_len of Consul"
        return StoreRejected(f"{where} takes no values as large as this one ({said}): {limits}")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return StoreUnavailable(f"{where} limits our requests ({said}): see limits.request_limits of Consul")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return StoreUnavailable(f"{where} fails ({said}): {_advice(said)}")
    return StoreRejected(f"{where} refuses the request ({said}): is it Consul, and are the keys ones that it takes?")


def denied(where: str, said: str) -> StoreUnavailable:
    """The ACLs of Consul do not let us."""
    needed = "give GATEWAY_CONSUL_TOKEN a token with key_prefix read (write to edit), and service and node read"
    return StoreUnavailable(f"{where} does not let us ({said}): {needed}")


def unanswered(where: str, error: Exception) -> StoreUnavailable:
    """No answer came, or only a part."""
    return StoreUnavailable(f"{where} does not answer: {_reason(error)}")


def _reason(error: Exception) -> str:
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return "no connection within the time limit; is the address right?"
        case httpx.TimeoutException() | TimeoutError():
            return "nothing came within the time limit"
        case ssl.SSLError():
            return f"TLS files cannot be used ({error}); see GATEWAY_STORE_CA, GATEWAY_STORE_CERT and GATEWAY_STORE_KEY"
        case httpx.ConnectError() if "CERTIFICATE" in str(error) or "SSL" in str(error):
            return f"TLS failed ({error}); see GATEWAY_STORE_CA"
        case httpx.ConnectError():
            return f"{str(error) or 'connection refused'}; is Consul running there?"
        case OSError() if error.filename:
            return f"TLS file {error.filename!r} cannot be read: {error.strerror}"
    return f"the connection broke ({type(error).__name__})"


def _advice(said: str) -> str:
    if "datacenter" in said:
        return "is GATEWAY_CONSUL_DATACENTER right?"
    return "see `consul members` and the log of Consul"


def _said(status: int, body: bytes) -> str:
    text = " ".join(body[: 4 * _LONGEST].decode("utf-8", "replace").split())
    text = "".join(letter for letter in text if letter.isprintable())
    return f"{status} {text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}".rstrip()
