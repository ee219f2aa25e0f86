"""What the gateway says of itself over HTTP."""

import jsonschema
import pytest

from app.interfaces.admin.metrics import MEDIA_TYPE
from app.interfaces.admin.status_controller import entity_schema
from tests.admin_client import client_of, make_knowledge
from tests.fakes_control import CHAIN, CONSUMER, HELLO, ISSUER, ROUTE, SERVICE, Plane

STORED = {"services": {"users": SERVICE}, "routes": {"users": ROUTE}}


async def test_the_index_leads_on() -> None:
    async with client_of(Plane(STORED)) as client:
        index = (await client.get("/")).json()
        assert index["version"] == "1"
        for path in index["paths"]:
            assert (await client.get(path)).status_code == 200


async def test_the_status() -> None:
    async with client_of(Plane(STORED)) as client:
        got = await client.get("/status")
        assert got.headers["x-gateway-revision"] == "1"
        assert got.json()["workers"][0]["pid"] == 7


async def test_the_metrics() -> None:
    async with client_of(Plane(STORED)) as client:
        got = await client.get("/metrics")
        assert got.headers["content-type"] == MEDIA_TYPE
        assert 'gateway_config_revision{worker="7"} ' in got.text


@pytest.mark.parametrize(
    ("kind", "right"),
    [
        ("config", STORED), ("services", SERVICE), ("issuers", ISSUER), ("consumers", CONSUMER), ("chains", CHAIN),
        ("routes", HELLO),
    ],
)  # fmt: skip
async def test_schemas(kind: str, right: object) -> None:
    async with client_of(Plane(STORED)) as client:
        schema = (await client.get(f"/schemas/{kind}")).json()
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(right)
    assert not validator.is_valid({"servce": 1})


async def test_a_schema_that_there_is_not() -> None:
    async with client_of(Plane(STORED)) as client:
        refused = await client.get("/schemas/things")
        assert refused.status_code == 404
        assert "config, services, issuers, consumers, chains, routes" in refused.json()["detail"]


async def test_the_openapi_document() -> None:
    async with client_of(Plane(STORED)) as client:
        assert (await client.get("/openapi.json")).json()["openapi"] == "3.1.0"


def test_the_schema_of_an_entity_stands_for_itself() -> None:
    schema = entity_schema(make_knowledge().schema, "routes")
    assert schema["$ref"] == "#/$defs/Route"
    assert "Route" in schema["$defs"]
