"""Single entities over HTTP."""

import pytest

from app.domain.control_ports import StoreConflict, StoreRejected, StoreUnavailable
from tests.admin_client import READ, client_of
from tests.fakes_control import CHAIN, CONSUMER, HELLO, ISSUER, ROUTE, SECRETS, SERVICE, Plane

STORED = {"services": {"users": SERVICE}, "routes": {"users": ROUTE}}
SECRET = {"services": {}, "issuers": {"main": ISSUER}, "consumers": {"c": CONSUMER}, "routes": {"hello": HELLO}}
PATCH = {"content-type": "application/merge-patch+json"}


async def test_a_document_is_read_with_its_tag() -> None:
    async with client_of(Plane(STORED)) as client:
        got = await client.get("/routes/users")
        assert (got.status_code, got.json(), got.headers["etag"]) == (200, ROUTE, '"v2"')
        again = await client.get("/routes/users", headers={"if-none-match": '"v2"'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", '"v2"')
        assert (await client.get("/routes/nobody")).status_code == 404
        assert (await client.get("/routes/")).status_code == 404
        assert (await client.get("/routes/users?x=1")).status_code == 400


async def test_pages() -> None:
    plane = Plane({"services": {}, "routes": {f"r{number}": HELLO for number in range(5)}})
    async with client_of(plane) as client:
        first = (await client.get("/routes?limit=2")).json()
        assert [item["id"] for item in first["items"]] == ["r0", "r1"]
        assert first["items"][0] == {"id": "r0", "document": HELLO, "version": "v1"}
        second = (await client.get("/routes", params={"limit": 2, "after": first["next"]})).json()
        last = (await client.get("/routes", params={"limit": 2, "after": second["next"]})).json()
        assert [item["id"] for page in (second, last) for item in page["items"]] == ["r2", "r3", "r4"]
        assert "next" not in last
        assert (await client.get("/services")).json() == {"items": []}


@pytest.mark.parametrize("limit", ["0", "1001", "x", "-1", ""])
async def test_a_page_has_a_size(limit: str) -> None:
    async with client_of(Plane(STORED)) as client:
        assert (await client.get("/routes", params={"limit": limit})).status_code == 400


async def test_tags_choose() -> None:
    routes = {"a": {**HELLO, "tags": ["blue"]}, "b": HELLO, "c": "broken", "d": {**HELLO, "tags": 1}}
    async with client_of(Plane({"services": {}, "routes": routes})) as client:
        page = (await client.get("/routes?tag=blue")).json()
        assert [item["id"] for item in page["items"]] == ["a"]


async def test_put_creates_then_replaces() -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        made = await client.put("/routes/my%2Fhello", json=HELLO)
        assert (made.status_code, made.headers["location"]) == (201, "/routes/my%2Fhello")
        assert (made.headers["x-gateway-revision"], made.headers["etag"]) == ("2", '"v3"')
        assert made.json()["changes"] == [
            {"section": "routes", "id": "my/hello", "difference": "added", "before": None, "after": HELLO}
        ]
        changed = await client.put("/routes/my%2Fhello", json={**HELLO, "priority": 1})
        assert (changed.status_code, changed.headers["etag"]) == (200, '"v4"')
        same = await client.put("/routes/my%2Fhello", json={**HELLO, "priority": 1})
        assert (same.status_code, same.headers["etag"], same.json()["changes"]) == (200, '"v4"', [])


async def test_a_mistake_is_told_with_its_place() -> None:
    async with client_of(Plane(STORED)) as client:
        refused = await client.put("/routes/a", json={"match": {"paths": ["x"]}, "url": "http://127.0.0.1:1", "x": 1})
        assert refused.status_code == 422
        assert {problem["field"] for problem in refused.json()["problems"]} == {"x"}
        refused = await client.put("/routes/a", json={"match": {"paths": ["x"]}, "url": "http://127.0.0.1:1"})
        assert {problem["field"] for problem in refused.json()["problems"]} == {"match.paths[0]"}


async def test_a_patch() -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        patched = await client.patch("/routes/users", content=b'{"priority": 2}', headers=PATCH)
        assert (patched.status_code, patched.headers["etag"]) == (200, '"v3"')
        assert plane.store.documents["routes"]["users"] == {**ROUTE, "priority": 2}
        assert (await client.patch("/routes/nobody", content=b"{}", headers=PATCH)).status_code == 404


async def test_delete() -> None:
    async with client_of(Plane(STORED)) as client:
        used = await client.delete("/services/users")
        assert used.status_code == 422
        assert "routes.users" in used.json()["problems"][0]["reason"]
        gone = await client.delete("/routes/users")
        assert (gone.status_code, gone.content, gone.headers["x-gateway-revision"]) == (204, b"", "2")
        assert (await client.delete("/routes/users")).status_code == 404
        assert (await client.delete("/services/users")).status_code == 204


@pytest.mark.parametrize(
    ("field", "tag", "status"),
    [
        ("if-match", '"v2"', 200),
        ("if-match", "*", 200),
        ("if-match", '"v9", "v2"', 200),
        ("if-match", '"v9"', 412),
        ("if-match", 'W/"v2"', 412),
        ("if-none-match", "*", 412),
        ("if-none-match", '"v2"', 412),
        ("if-none-match", '"v9"', 200),
    ],
)
async def test_only_what_was_read_is_changed(field: str, tag: str, status: int) -> None:
    async with client_of(Plane(STORED)) as client:
        assert (await client.put("/routes/users", json=HELLO, headers={field: tag})).status_code == status
    async with client_of(Plane(STORED)) as client:
        patched = await client.patch("/routes/users", json={"priority": 1}, headers={field: tag})
        assert patched.status_code == status
    async with client_of(Plane(STORED)) as client:
        assert (await client.delete("/routes/users", headers={field: tag})).status_code in (status, 204)


async def test_only_what_is_not_there_is_made() -> None:
    async with client_of(Plane(STORED)) as client:
        assert (await client.put("/routes/new", json=HELLO, headers={"if-none-match": "*"})).status_code == 201
        assert (await client.put("/routes/new", json=HELLO, headers={"if-none-match": "*"})).status_code == 412
        assert (await client.put("/routes/newer", json=HELLO, headers={"if-match": "*"})).status_code == 412


@pytest.mark.parametrize(
    ("error", "status"),
    [(StoreConflict("routes", "x"), 409), (StoreRejected("no"), 409), (StoreUnavailable("gone"), 503)],
)
async def test_a_store_that_refuses(error: Exception, status: int) -> None:
    plane = Plane(STORED)
    plane.store.refuses = error
    async with client_of(plane) as client:
        assert (await client.put("/routes/users", json=HELLO)).status_code == status
        assert (await client.patch("/routes/users", json={"priority": 1})).status_code == status
        assert (await client.delete("/routes/users")).status_code == status


async def test_an_entity_that_was_changed_again_has_no_tag() -> None:
    plane = Plane(STORED)
    plane.store.after_write = lambda: plane.store.set("routes", "new", ROUTE)
    plane.board.workers = []
    async with client_of(plane) as client:
        made = await client.put("/routes/new", json=HELLO)
        assert made.status_code == 201
        assert "etag" not in made.headers
        assert "x-gateway-revision" not in made.headers


async def test_a_store_that_goes_away_after_it_has_written() -> None:
    plane = Plane(STORED)
    plane.store.after_write = lambda: setattr(plane.store, "fails", StoreUnavailable("gone"))
    plane.board.workers = []
    async with client_of(plane) as client:
        made = await client.put("/routes/new", json=HELLO)
        assert made.status_code == 201
        assert "etag" not in made.headers
    assert plane.store.documents["routes"]["new"] == HELLO


@pytest.mark.parametrize(("section", "document"), [("issuers", ISSUER), ("consumers", CONSUMER), ("chains", CHAIN)])
async def test_other_sections_are_served_the_same(section: str, document: dict[str, object]) -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        put = await client.put(f"/{section}/one", json=document)
        assert (put.status_code, put.headers["location"]) == (201, f"/{section}/one")
        assert (await client.get(f"/{section}/one")).json() == document
        changed = await client.patch(f"/{section}/one", json={"tags": ["new"]}, headers=PATCH)
        assert (changed.status_code, plane.store.documents[section]["one"]) == (200, {**document, "tags": ["new"]})
        page = (await client.get(f"/{section}?tag=new")).json()
        assert [item["id"] for item in page["items"]] == ["one"]
        assert (await client.put(f"/{section}/two", json={"odd": 1})).status_code == 422
        assert (await client.delete(f"/{section}/one")).status_code == 204
        assert (await client.get(f"/{section}/one")).status_code == 404


async def test_a_reader_sees_no_secret_and_what_it_read_can_be_put() -> None:
    plane = Plane(SECRET)
    async with client_of(plane, READ) as reader, client_of(plane) as writer:
        for path in ("/issuers", "/consumers", "/issuers/main", "/consumers/c"):
            answers = await reader.get(path), await writer.get(path)
            told = [[secret in answer.text for secret in SECRETS].count(True) for answer in answers]
            assert told == [0, 1]
            assert "(secret)" in answers[0].text
        read = await reader.get("/issuers/main")
        assert read.headers["etag"] == (await writer.get("/issuers/main")).headers["etag"]
        changed = {**read.json(), "description": "seen"}
        put = await writer.put("/issuers/main", json=changed, headers={"if-match": read.headers["etag"]})
        assert put.status_code == 200
        assert plane.store.documents["issuers"]["main"] == {**ISSUER, "description": "seen"}
        refused = await writer.put("/issuers/new", json={**changed, "issuer": "https://b"})
        assert (refused.status_code, refused.json()["problems"][0]["field"]) == (422, "secret")


async def test_what_is_in_use_stays_and_what_is_missing_is_told() -> None:
    plane = Plane({**SECRET, "chains": {"public": CHAIN}})
    async with client_of(plane) as client:
        route = {**HELLO, "match": {"paths": ["/chained"]}, "filters": [{"use": "public"}]}
        missing = await client.put("/routes/chained", json={**route, "filters": [{"use": "nowhere"}]})
        assert (missing.status_code, missing.json()["problems"][0]["field"]) == (422, "filters[0].use")
        assert (await client.put("/routes/chained", json=route)).status_code == 201
        subject = {"subjects": [{"issuer": "main", "subject": "ann"}]}
        unknown = {"subjects": [{"issuer": "nobody", "subject": "ann"}]}
        assert (await client.put("/consumers/ann", json=unknown)).status_code == 422
        assert (await client.put("/consumers/ann", json=subject)).status_code == 201
        for path, user in (("/chains/public", "routes.chained"), ("/issuers/main", "consumers.ann")):
            refused = await client.delete(path)
            assert refused.status_code == 422
            assert f"change or remove {user} first" in refused.json()["problems"][0]["reason"]


async def test_a_credential_that_another_consumer_has() -> None:
    async with client_of(Plane(SECRET)) as client:
        refused = await client.put("/consumers/other", json={"api_keys": CONSUMER["api_keys"]})
        [problem] = refused.json()["problems"]
        assert (refused.status_code, problem["field"]) == (422, "api_keys[0].sha256")
        assert "consumer 'c' has the same API key" in problem["reason"]


async def test_a_chain_may_be_its_filters() -> None:
    plane = Plane(STORED)
    async with client_of(plane) as client:
        assert (await client.put("/chains/public", json=CHAIN["filters"])).status_code == 201
        assert (await client.patch("/chains/public", json={"tags": ["a"]}, headers=PATCH)).status_code == 200
        assert plane.store.documents["chains"]["public"] == {**CHAIN, "tags": ["a"]}
