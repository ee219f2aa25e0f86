"""Explanations over HTTP."""

from typing import Any

import pytest

from app.interfaces.admin import explain_controller
from tests.admin_client import client_of
from tests.fakes_control import HELLO, ROUTE, SERVICE, Plane

STORED = {"services": {"users": SERVICE}, "routes": {"users": ROUTE, "hello": HELLO}}


async def explained(body: Any) -> Any:
    async with client_of(Plane(STORED)) as client:
        got = await client.post("/explain", json=body)
        assert got.status_code == 200
        return got.json()


async def test_a_request_and_its_route() -> None:
    story = await explained({"method": "POST", "url": "http://example.com/users/7?x=1", "headers": {"x-a": "1"}})
    assert (story["method"], story["host"], story["path"]) == ("POST", "example.com", "/users/7")
    assert (story["route"], story["answer"]) == ("users", "service users")
    assert {candidate["id"]: candidate["chosen"] for candidate in story["candidates"]} == {
        "users": True,
        "hello": False,
    }


async def test_a_request_that_the_gateway_refuses() -> None:
    story = await explained({"url": "/users/%zz"})
    assert story["refused"]
    assert story["answer"].startswith("400: ")


@pytest.mark.parametrize("body", [{}, [], {"url": 1}, {"url": "ftp://x/"}, {"url": "/", "x": 1}, {"url": "http://"}])
async def test_what_is_no_question(body: Any) -> None:
    async with client_of(Plane(STORED)) as client:
        refused = await client.post("/explain", json=body)
        assert refused.status_code == 422
        assert refused.json()["problems"][0]["reason"]


async def test_very_many_candidates_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain_controller, "MOST_CANDIDATES", 1)
    assert len((await explained({"url": "/users/1"}))["candidates"]) == 1
