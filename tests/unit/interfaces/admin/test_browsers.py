"""Pages in browsers do not reach the admin API, whatever their names resolve to."""

import pytest
from starlette.datastructures import Headers

from app.interfaces.admin.browsers import BrowserCheck
from app.interfaces.admin.problems import Refusal

CHECK = BrowserCheck(("Admin.example.com.",))


def status(*fields: tuple[str, str]) -> int:
    try:
        CHECK.check(Headers(raw=[(name.encode(), value.encode()) for name, value in fields]))
    except Refusal as refusal:
        return refusal.problem.status
    return 200


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8001", "127.0.0.1:8001", "192.0.2.7", "[::1]:8001", "[2001:db8::1]", "admin.example.com",
     "admin.example.com.:8001"],
)  # fmt: skip
def test_names_of_this_server(host: str) -> None:
    assert status(("host", host)) == 200


@pytest.mark.parametrize(
    "host", ["", "evil.example", "localhost.evil.example:8001", "admin.example.com.evil", "[x]", "::1"]
)
def test_names_of_others(host: str) -> None:
    assert status(("host", host)) == 421


def test_a_host_there_is_exactly_once() -> None:
    assert status() == 421
    assert status(("host", "localhost"), ("host", "localhost")) == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:3000", "http://localhost", ""])
def test_pages_of_other_origins(origin: str) -> None:
    assert status(("host", "localhost:8001"), ("origin", origin)) == 403


def test_a_page_of_this_origin() -> None:
    assert status(("host", "localhost:8001"), ("origin", "http://localhost:8001")) == 200
