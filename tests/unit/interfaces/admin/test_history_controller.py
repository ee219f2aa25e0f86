"""Revisions over HTTP."""

from tests.admin_client import READ, client_of
from tests.fakes_control import CONSUMER, HELLO, ISSUER, ROUTE, SECRETS, SERVICE, Plane

STORED = {"services": {"users": SERVICE}, "routes": {"users": ROUTE}}


async def test_the_newest_revision_comes_first() -> None:
    async with client_of(Plane(STORED)) as client:
        await client.put("/routes/hello", json=HELLO)
        items = (await client.get("/history")).json()["items"]
        assert [item["number"] for item in items] == [2, 1]
        assert items[0]["changes"] == {"routes": {"hello": "added"}}


async def test_one_revision_and_the_way_back_to_it() -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        await client.put("/routes/hello", json=HELLO)
        got = (await client.get("/history/1")).json()
        assert (got["revision"]["number"], got["documents"]) == (1, STORED)
        back = await client.post("/rollback/1")
        assert (back.status_code, back.headers["x-gateway-revision"]) == (200, "3")
        assert plane.store.documents == STORED


async def test_revisions_that_are_not_kept() -> None:
    async with client_of(Plane(STORED)) as client:
        for path in ("/history/9", "/history/x"):
            assert (await client.get(path)).status_code == 404
        for path in ("/rollback/9", "/rollback/-1"):
            assert (await client.post(path)).status_code == 404


async def test_a_reader_sees_no_secret_of_a_revision() -> None:
    plane = Plane({"issuers": {"main": ISSUER}, "consumers": {"c": CONSUMER}})
    async with client_of(plane, READ) as reader, client_of(plane) as writer:
        read = await reader.get("/history/1")
        assert not any(secret in read.text for secret in SECRETS)
        assert (await writer.get("/history/1")).json()["documents"]["issuers"] == {"main": ISSUER}
        await writer.delete("/issuers/main")
        assert (await writer.post("/rollback/1")).status_code == 200
        assert plane.store.documents["issuers"] == {"main": ISSUER}
