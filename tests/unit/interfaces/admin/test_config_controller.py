"""The whole configuration over HTTP."""

import pytest

from app.domain.control_ports import StoreConflict, StoreUnavailable
from tests.admin_client import READ, client_of
from tests.fakes_control import CHAIN, CONSUMER, HELLO, ISSUER, ROUTE, SECRETS, SERVICE, Plane

STORED = {"services": {"users": SERVICE}, "routes": {"users": ROUTE}}
SECRET = {"services": {}, "issuers": {"main": ISSUER}, "consumers": {"c": CONSUMER}, "routes": {"hello": HELLO}}
YAML = {"content-type": "application/yaml"}


async def test_everything_is_read_with_one_tag() -> None:
    async with client_of(Plane(STORED)) as client:
        got = await client.get("/config")
        assert (got.status_code, got.json()) == (200, STORED)
        again = await client.get("/config", headers={"if-none-match": got.headers["etag"]})
        assert (again.status_code, again.headers["etag"]) == (304, got.headers["etag"])


async def test_everything_is_replaced() -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        put = await client.put("/config", json={"routes": {"hello": HELLO}})
        assert (put.status_code, put.headers["x-gateway-revision"]) == (200, "2")
        assert put.headers["etag"] == (await client.get("/config")).headers["etag"]
        assert [change["difference"] for change in put.json()["changes"]] == ["removed", "added", "removed"]
        assert plane.store.documents == {"services": {}, "routes": {"hello": HELLO}}


async def test_yaml() -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        text = "routes:\n  hello: {match: {paths: [/hello/*]}, url: 'http://127.0.0.1:9001'}  # greets\n"
        assert (await client.put("/config", content=text, headers=YAML)).status_code == 200
        assert plane.store.documents["routes"] == {"hello": HELLO}
        broken = await client.put("/config", content="routes: [", headers=YAML)
        assert (broken.status_code, broken.json()["problems"][0]["line"]) == (422, 2)


async def test_only_what_was_read_is_replaced() -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        tag = (await client.get("/config")).headers["etag"]
        plane.store.set("routes", "other", HELLO)
        refused = await client.put("/config", json={"routes": {}}, headers={"if-match": tag})
        assert refused.status_code == 412
        assert plane.store.writes == []
        tag = (await client.get("/config")).headers["etag"]
        assert (await client.put("/config", json={"routes": {}}, headers={"if-match": tag})).status_code == 200


async def test_somebody_who_writes_at_the_same_time() -> None:
    plane = Plane(STORED)
    plane.store.refuses = StoreConflict("routes", "users")
    async with client_of(plane) as client:
        assert (await client.put("/config", json={"routes": {}})).status_code == 409


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'{"$schema": "x"}'])
async def test_a_body_that_is_empty_by_mistake_removes_nothing(body: bytes) -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        for kind in ("application/json", "application/yaml"):
            refused = await client.put("/config", content=body, headers={"content-type": kind})
            assert refused.status_code == 422
        assert (await client.put("/config", content=b"", headers=YAML)).status_code == 422
        assert plane.store.documents == STORED


async def test_mistakes_are_told_and_nothing_is_written() -> None:
    plane = Plane(STORED)
    wrong = {"routes": {"a": {"url": "x"}, "b": ROUTE}, "servces": {}}
    async with client_of(plane) as client:
        refused = await client.put("/config", json=wrong)
        assert refused.status_code == 422
        named = {problem["entity"] for problem in refused.json()["problems"]}
        assert named == {"routes.a", "routes.b", "servces"}
        told = await client.post("/config/validate", json=wrong)
        assert (told.status_code, told.json()["problems"]) == (200, refused.json()["problems"])
        plan = await client.post("/config/plan", json=wrong)
        assert (plan.status_code, plan.json()["problems"]) == (200, refused.json()["problems"])
        assert (await client.post("/config/validate", json=STORED)).json() == {"problems": []}
    assert plane.store.writes == []


async def test_a_plan() -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        plan = (await client.post("/config/plan", json={**STORED, "routes": {"users": ROUTE, "u": ROUTE}})).json()
        assert [change["id"] for change in plan["changes"]] == ["u"]
        assert len(plan["warnings"]) == 1
        assert len(plan["digest"]) == 16
    assert plane.store.writes == []


async def test_a_store_that_goes_away_after_it_has_written() -> None:
    plane = Plane(STORED)
    plane.store.after_write = lambda: setattr(plane.store, "fails", StoreUnavailable("gone"))
    plane.board.workers = []
    async with client_of(plane) as client:
        put = await client.put("/config", json={"routes": {}})
        assert put.status_code == 200
        assert "etag" not in put.headers


async def test_a_reader_sees_no_secret_and_what_it_read_can_be_applied() -> None:
    plane = Plane(SECRET)
    async with client_of(plane, READ) as reader, client_of(plane) as writer:
        read = await reader.get("/config")
        assert not any(secret in read.text for secret in SECRETS)
        assert (await writer.get("/config")).json() == SECRET
        wanted = {**read.json(), "chains": {"public": CHAIN}}
        assert (await reader.post("/config/validate", json=wanted)).json() == {"problems": []}
        plan = (await reader.post("/config/plan", json=wanted)).json()
        assert [(one["section"], one["id"], one["difference"]) for one in plan["changes"]] == [
            ("chains", "public", "added")
        ]
        removing = await reader.post("/config/plan", json={"routes": SECRET["routes"]})
        assert len(removing.json()["changes"]) == 2
        assert not any(secret in removing.text for secret in SECRETS)
        assert (await writer.put("/config", json=wanted)).status_code == 200
        assert plane.store.documents == {**SECRET, "chains": {"public": CHAIN}}


async def test_a_mask_that_stands_for_nothing() -> None:
    async with client_of(Plane(STORED)) as client:
        wanted = {"issuers": {"main": {**ISSUER, "secret": "(secret)"}}}
        for path in ("/config/plan", "/config/validate"):
            problems = (await client.post(path, json=wanted)).json()["problems"]
            assert problems[0]["field"] == "secret"
            assert "none is: give the secret itself" in problems[0]["reason"]
