"""The control plane as one application, over a real file. As a process of its own: tests/integration."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import httpx
import pytest

from app.control import create_admin
from app.domain.entities.config import GatewayConfig
from app.infrastructure.config.settings import Settings
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb
from app.stores import Stores
from tests.fakes import RecordedEvents
from tests.redis_server import free_ports

TOKEN = "w-secret"  # noqa: S105  # of these tests alone
ROUTES = {"hello": {"match": {"paths": ["/hello"]}, "respond": {"body": "hi"}}}


def settings(tmp_path: Path, **more: str) -> Settings:
    chosen = {
        "config": str(tmp_path / "gateway.yaml"),
        "state_dir": str(tmp_path / "state"),
        "admin_token": TOKEN,
        "admin_read_token": "r-secret",
        **more,
    }
    return Settings.from_environment({}, chosen)


@pytest.fixture(autouse=True)
def events(monkeypatch: pytest.MonkeyPatch) -> RecordedEvents:
    """What the application tells its operator."""
    recorded = RecordedEvents()
    monkeypatch.setattr("app.control.telemetry.configure", lambda *_: recorded)
    return recorded


@asynccontextmanager
async def running(of: Settings) -> AsyncIterator[httpx.AsyncClient]:
    application = create_admin(of)
    transport = httpx.ASGITransport(application)
    headers = {"authorization": f"Bearer {TOKEN}"}
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001", headers=headers) as client,
    ):
        yield client


def test_without_a_token_there_is_no_admin_api(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="GATEWAY_ADMIN_TOKEN: expected a token"):
        create_admin(settings(tmp_path, admin_token=""))


async def test_what_is_put_is_in_the_file_and_can_be_explained(tmp_path: Path) -> None:
    of = settings(tmp_path)
    async with running(of) as client:
        answer = await client.put("/routes/hello", json=ROUTES["hello"])
        assert answer.status_code == 201
        assert list((await Stores(of).editor().read())["routes"]) == ["hello"]
        yaml = "services: {}\nroutes: {}\n"
        refused = await client.put("/config", content="routes: [", headers={"content-type": "application/yaml"})
        assert (refused.status_code, refused.json()["problems"][0]["source"]) == (422, "request")
        plan = await client.post("/config/plan", content=yaml, headers={"content-type": "application/yaml"})
        assert [change["id"] for change in plan.json()["changes"]] == ["hello"]
        story = await client.post("/explain", json={"url": "http://x/hello"})
        assert story.json()["route"] == "hello"
        assert (await client.get("/webhooks/config")).status_code == 404


async def test_a_signed_webhook_is_applied_and_a_refused_one_is_told_to_receivers(tmp_path: Path) -> None:
    of = settings(tmp_path, webhook_secret="hook")  # noqa: S106  # of this test alone
    body = json.dumps({"config": {"routes": ROUTES}, "timestamp": time.time()}).encode()
    signature = hmac.new(b"hook", body, hashlib.sha256).hexdigest()
    signed = {"x-hub-signature-256": f"sha256={signature}", "x-github-event": "push", "x-github-delivery": "1"}
    async with running(of) as client:
        client.headers.pop("authorization")
        answer = await client.post("/webhooks/config", content=body, headers=signed)
        assert answer.status_code in (200, 202)
        assert list((await Stores(of).editor().read())["routes"]) == ["hello"]
        assert (await client.post("/webhooks/config", content=body)).status_code == 401


async def test_grpc_is_served_beside_it_with_the_same_tokens(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    of = settings(tmp_path, grpc_listen=f"127.0.0.1:{port}")
    async with running(of) as client, grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        await client.put("/routes/hello", json=ROUTES["hello"])
        explain = channel.unary_unary(
            "/gateway.v1.ConfigService/Explain",
            request_serializer=pb.ExplainRequest.SerializeToString,
            response_deserializer=pb.ExplainResponse.FromString,
        )
        fields = [pb.Field(name="X-A", value="1"), pb.Field(name="X-A", value="2")]
        asked = pb.ExplainRequest(method="GET", url="http://x/hello", fields=fields)
        answer = await explain(asked, metadata=(("authorization", "Bearer r-secret"),))
        assert "hello" in str(answer)
        watch = channel.unary_stream(
            "/gateway.v1.ConfigService/Watch",
            request_serializer=pb.WatchRequest.SerializeToString,
            response_deserializer=pb.Revision.FromString,
        )
        recorder = Stores(of).recorder(RecordedEvents())
        assert recorder is not None
        loaded = await Stores(of).repository(RecordedEvents()).load()
        recorder.record(GatewayConfig(), loaded, {"routes": ["hello"]}, "d1")
        stream = watch(pb.WatchRequest(), metadata=(("authorization", "Bearer r-secret"),))
        assert "d1" in str(await stream.read())
        recorder.record(loaded, GatewayConfig(), {"routes": ["hello"]}, "d2")
        assert "d2" in str(await stream.read())
        stream.cancel()
        recorder.close()


async def test_a_grpc_port_in_use_does_not_stop_the_admin_api(tmp_path: Path, events: RecordedEvents) -> None:
    (port,) = free_ports(1)
    of = settings(tmp_path, grpc_listen=f"127.0.0.1:{port}")
    async with running(of), running(of) as second:
        assert (await second.get("/status")).status_code == 200
    assert "the gRPC service does not run" in [message for _, message, _ in events.seen]
