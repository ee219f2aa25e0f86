"""What is asked of the admin API, call by call."""

import json
import ssl
from collections.abc import Iterator

import httpx
import pytest
import respx

from app.domain.admin_ports import AdminUnreachable, Exported
from app.domain.entities.control import EntityChange, GatewayStatus, Outcome, Plan, Revision, StoredEntity
from app.infrastructure.control.admin_client import HttpAdminApi

SERVER = "http://127.0.0.1:8001"
OUTCOME = {"changes": [{"section": "routes", "id": "a", "difference": "added"}], "revision": 3, "digest": "d"}


@pytest.fixture
def api() -> Iterator[HttpAdminApi]:
    made = HttpAdminApi(f"{SERVER}/", "t0ken", ssl.create_default_context())
    yield made
    made.close()


@respx.mock
def test_lists_are_read_page_by_page(api: HttpAdminApi) -> None:
    first = {"items": [{"id": "a", "document": {"x": 1}, "version": "1"}], "next": "a"}
    last = {"items": [{"id": "b", "document": None, "version": "2"}]}
    route = respx.get(f"{SERVER}/routes").mock(side_effect=[httpx.Response(200, json=one) for one in (first, last)])
    assert api.entities("routes") == {"a": StoredEntity({"x": 1}, "1"), "b": StoredEntity(None, "2")}
    assert [str(call.request.url.query, "ascii") for call in route.calls] == ["limit=1000", "limit=1000&after=a"]
    assert route.calls.last.request.headers["authorization"] == "Bearer t0ken"


@respx.mock
def test_a_list_that_turns_in_circles_ends(api: HttpAdminApi) -> None:
    respx.get(f"{SERVER}/routes").respond(json={"items": [], "next": "a"})
    assert api.entities("routes") == {}


@respx.mock
def test_one_entity(api: HttpAdminApi) -> None:
    route = respx.get(f"{SERVER}/routes/a%2Fb%20%C3%A9").respond(json={"x": 1}, headers={"etag": '"v"'})
    assert api.entity("routes", "a/b é") == StoredEntity({"x": 1}, "v")
    assert route.called


@respx.mock
@pytest.mark.parametrize(
    ("expected", "field", "value"), [(None, "if-match", None), ("v", "if-match", '"v"'), ("", "if-none-match", "*")]
)
def test_putting(api: HttpAdminApi, expected: str | None, field: str, value: str | None) -> None:
    route = respx.put(f"{SERVER}/routes/a").respond(201, json=OUTCOME)
    change = EntityChange("routes", "a", "added")
    assert api.put("routes", "a", {"x": 1}, expected) == Outcome((change,), 3, "d")
    request = route.calls.last.request
    assert (json.loads(request.content), request.headers["content-type"]) == ({"x": 1}, "application/json")
    assert request.headers.get(field) == value


@respx.mock
def test_deleting(api: HttpAdminApi) -> None:
    route = respx.delete(f"{SERVER}/services/a").respond(204, headers={"x-gateway-revision": "4"})
    assert api.delete("services", "a", "v") == Outcome((EntityChange("services", "a", "removed"),), 4)
    assert route.calls.last.request.headers["if-match"] == '"v"'


@respx.mock
def test_the_whole_configuration(api: HttpAdminApi) -> None:
    documents = {"routes": {"a": {"x": 1}}}
    respx.get(f"{SERVER}/config").respond(json=documents, headers={"etag": '"v"'})
    assert api.export() == Exported(documents, "v")
    respx.post(f"{SERVER}/config/plan").respond(json={"changes": [], "problems": [], "digest": "d"})
    assert api.plan(documents) == Plan((), (), (), "d")
    put = respx.put(f"{SERVER}/config").respond(json=OUTCOME)
    assert api.apply(documents, "v").revision == 3
    assert (put.calls.last.request.headers["if-match"], json.loads(put.calls.last.request.content)) == (
        '"v"',
        documents,
    )


@respx.mock
def test_history_and_status(api: HttpAdminApi) -> None:
    revision = Revision(3, "d", 1.0, "file x")
    items = [{"number": 3, "digest": "d", "time": 1.0, "source": "file x"}]
    respx.get(f"{SERVER}/history").respond(json={"items": items})
    assert api.history() == [revision]
    respx.post(f"{SERVER}/rollback/2").respond(json=OUTCOME)
    assert api.rollback(2).digest == "d"
    found = {"version": "1", "store": "file x", "revision": 3, "digest": "d", "age": 0.5, "workers": []}
    respx.get(f"{SERVER}/status").respond(json=found)
    assert api.status() == GatewayStatus("1", "file x", 3, "d", 0.5, ())


@respx.mock
@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx.ConnectError("[Errno 111] Connection refused"), "does the gateway run there"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"), "name the CA of its certificate by --ca"),
        (httpx.ConnectTimeout("x"), "no connection in time"),
        (httpx.ReadTimeout("x"), "no answer in time"),
        (httpx.RemoteProtocolError("Server disconnected"), "Server disconnected"),
        (httpx.ReadError(""), "ReadError"),
    ],
)
def test_no_answer_is_told(api: HttpAdminApi, failure: Exception, words: str) -> None:
    respx.get(f"{SERVER}/status").mock(side_effect=failure)
    with pytest.raises(AdminUnreachable, match=words) as caught:
        api.status()
    assert caught.value.lines[0].startswith(f"{SERVER}: ")


@respx.mock
def test_without_a_token_none_is_sent() -> None:
    route = respx.get(f"{SERVER}/status").respond(401, json={})
    api = HttpAdminApi(SERVER, "", ssl.create_default_context())
    with pytest.raises(AdminUnreachable, match="a token is needed"):
        api.status()
    assert "authorization" not in route.calls.last.request.headers
    api.close()
