"""The admin API over a real configuration file: what is asked for stands in the file, and the rest of it stays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from app.application.services.admin_service import AdminService
from app.domain.entities.config import SECTIONS
from app.infrastructure.config.file_store import FileStore
from tests.admin_client import READ, WRITE, client_of
from tests.fakes_control import CHAIN, CONSUMER, HELLO, ISSUER, SECRETS, Plane

TEXT = """\
# Kept by the platform team.
services:
  users:
    targets:
      - url: http://127.0.0.1:9000  # the old machine
routes:
  users: # everything about users
    match: {paths: [/users/*]}
    service: users
"""


@asynccontextmanager
async def admin_of(file: Path, token: str = WRITE) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the admin API over `file`; no worker follows it."""
    plane = Plane(live=False, worker=False)
    plane.service = AdminService(msgspec.structs.replace(plane.parts, store=FileStore(file)))
    async with client_of(plane, token) as client:
        yield client


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.yaml"
    path.write_text(TEXT)
    return path


def text_of(file: Path) -> str:
    """What stands in the file now."""
    return file.read_text()


def change(file: Path, text: str) -> None:
    """Somebody else edits the file."""
    file.write_text(text)


async def test_an_edit_leaves_the_rest_of_the_file_alone(file: Path) -> None:
    async with admin_of(file) as client:
        tag = (await client.get("/routes/users")).headers["etag"]
        made = await client.put("/routes/hello", json=HELLO, headers={"if-none-match": "*"})
        assert (made.status_code, made.json()["revision"]) == (201, 0)
        patched = await client.patch("/routes/users", json={"priority": 5}, headers={"if-match": tag})
        assert patched.status_code == 200
        assert patched.headers["etag"] != tag
        assert (await client.get("/routes/hello")).json() == HELLO
        for line in ("# Kept by the platform team.", "# the old machine", "# everything about users", "priority: 5"):
            assert line in text_of(file)
        assert (await client.patch("/routes/users", json={}, headers={"if-match": tag})).status_code == 412
        assert (await client.delete("/routes/hello")).status_code == 204
        assert "hello" not in text_of(file)


async def test_somebody_who_edits_the_file_meanwhile(file: Path) -> None:
    async with admin_of(file) as client:
        entity, whole = await client.get("/routes/users"), await client.get("/config")
        change(file, TEXT.replace("/users/*", "/people/*"))
        condition = {"if-match": entity.headers["etag"]}
        assert (await client.put("/routes/users", json=HELLO, headers=condition)).status_code == 412
        condition = {"if-match": whole.headers["etag"]}
        assert (await client.put("/config", json={"routes": {}}, headers=condition)).status_code == 412
        assert "/people/*" in text_of(file)


async def test_a_whole_configuration_as_it_stands_in_a_file(file: Path) -> None:
    async with admin_of(file) as client:
        yaml = {"content-type": "application/yaml"}
        wanted = TEXT.replace("users: # everything", "people: # everything")
        plan = (await client.post("/config/plan", content=wanted, headers=yaml)).json()
        assert [(one["id"], one["difference"]) for one in plan["changes"]] == [
            ("people", "added"),
            ("users", "removed"),
        ]
        assert text_of(file) == TEXT
        applied = await client.put("/config", content=wanted, headers=yaml)
        assert (applied.status_code, applied.json()["digest"]) == (200, plan["digest"])
        assert list((await client.get("/config")).json()["routes"]) == ["people"]
        assert "# Kept by the platform team." in text_of(file)


async def test_a_mistake_leaves_the_file_as_it_is(file: Path) -> None:
    async with admin_of(file) as client:
        assert (await client.put("/routes/a", json={"url": "x"})).status_code == 422
        assert (await client.delete("/services/users")).status_code == 422
        assert (await client.put("/config", json={"routes": {"a": {}}})).status_code == 422
        assert text_of(file) == TEXT


async def test_a_file_that_is_broken(file: Path) -> None:
    change(file, "routes: [")
    async with admin_of(file) as client:
        for refused in (await client.get("/routes"), await client.put("/routes/a", json=HELLO)):
            assert (refused.status_code, refused.json()["code"]) == (409, "store_rejected")
            assert str(file) in refused.json()["detail"]
        assert (await client.get("/status")).status_code == 200
    assert text_of(file) == "routes: ["


async def test_a_file_that_is_not_there_yet(tmp_path: Path) -> None:
    async with admin_of(tmp_path / "new.json") as client:
        assert (await client.get("/config")).json() == {section: {} for section in SECTIONS}
        assert (await client.put("/routes/hello", json=HELLO)).status_code == 201
        assert (await client.get("/routes/hello")).json() == HELLO


async def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    change(tmp_path / "plain", "")
    async with admin_of(tmp_path / "plain" / "gateway.yaml") as client:
        refused = await client.get("/routes")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")


async def test_new_sections_of_a_file(file: Path) -> None:
    async with admin_of(file) as client:
        for path, document in (("/issuers/main", ISSUER), ("/consumers/mobile", CONSUMER), ("/chains/public", CHAIN)):
            assert (await client.put(path, json=document)).status_code == 201
            assert (await client.get(path)).json() == document
        assert "# the old machine" in text_of(file)
        assert (await client.delete("/issuers/main")).status_code == 204
        assert ISSUER["secret"] not in text_of(file)


async def test_a_secret_stays_in_the_file_when_somebody_who_does_not_see_it_edits_the_rest(file: Path) -> None:
    async with admin_of(file) as writer, admin_of(file, READ) as reader:
        await writer.put("/consumers/mobile", json=CONSUMER)
        seen = await reader.get("/consumers/mobile")
        assert not any(secret in seen.text for secret in SECRETS)
        condition = {"if-match": seen.headers["etag"]}
        changed = {**seen.json(), "groups": ["apps"]}
        assert (await writer.put("/consumers/mobile", json=changed, headers=condition)).status_code == 200
        assert (await writer.get("/consumers/mobile")).json() == {**CONSUMER, "groups": ["apps"]}
