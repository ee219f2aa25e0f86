"""Webhooks over real sockets: a signed delivery has a source read over TLS and applied, and receivers are told."""

import asyncio
import hashlib
import hmac
import importlib.util
import json
import os
import ssl
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from app.application.services.admin_errors import InvalidConfig
from app.application.services.webhook_service import Incoming, WebhookService
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import Revision, WorkerStatus
from app.domain.policies.webhook_signatures import Verifier
from app.domain.policies.webhook_sources import Sources
from app.infrastructure.config.document_files import read_documents
from app.infrastructure.control.refusal_watch import RefusalWatch
from app.infrastructure.control.source_puller import HttpSourcePuller, PullLimits
from app.infrastructure.control.webhook_receiver import Delivery, Receiver
from app.infrastructure.control.webhook_sender import WebhookSender
from app.interfaces.admin.webhook_controller import PATH, WebhookController
from tests.admin_client import make_app
from tests.backends import Answer, RawBackend, Wire, eventually, keep_answering, ok, raw_backend
from tests.certificates import make_ca, make_cert
from tests.clients import Reply, fetch
from tests.fakes import RecordedEvents
from tests.fakes_control import HELLO, Plane
from tests.hypercorn_server import serving

YAML = b"routes:\n  hello:\n    match: {paths: [/hello/*]}\n    url: http://127.0.0.1:9001\n"
MOST = 64 * 1024


class Tls:
    """What a source shows, and what its reader believes."""

    def __init__(self, directory: Path) -> None:
        ca = make_ca()
        files = make_cert(ca, ("localhost",)).write(directory, "source")
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.server.load_cert_chain(files.cert, files.key)
        self.client = ssl.create_default_context(cadata=ca.cert_pem.decode())


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    return Tls(tmp_path)


class Rig:
    """The admin API with a webhook that reads from `source`."""

    def __init__(self, port: int, source: RawBackend, plane: Plane) -> None:
        self.port = port
        self.source = source
        self.plane = plane
        self.deliveries = count(1)

    async def deliver(self, body: object = None, **fields: str) -> Reply:
        """A delivery as GitHub makes it."""
        number = next(self.deliveries)
        data = json.dumps({"after": number} if body is None else body).encode()
        headers = {
            "content-type": "application/json",
            "x-github-event": "push",
            "x-github-delivery": f"d-{number}",
            "x-hub-signature-256": "sha256=" + hmac.new(b"key", data, hashlib.sha256).hexdigest(),
            **{name.replace("_", "-"): value for name, value in fields.items()},
        }
        return await fetch(self.port, "/webhooks/config", "POST", list(headers.items()), data)


@asynccontextmanager
async def rig(answer: Answer, tls: Tls, scheme: str = "https", **parts: Any) -> AsyncIterator[Rig]:
    async with raw_backend(answer, tls.server if scheme == "https" else None) as source:
        base = f"{scheme}://localhost:{source.port}"
        puller = HttpSourcePuller(PullLimits(MOST, 5.0), parts.get("address_problem", lambda _, __: ""), tls.client)
        plane = Plane()
        sources = Sources([f"{base}/gateway.yaml", f"{base}/more/"])
        incoming = Incoming(
            Verifier("key", "token"), sources, puller, lambda data, suffix: read_documents(data, suffix, "source")
        )
        service = WebhookService(incoming, plane.service, time.time, plane.events)
        routes = [Route(PATH, WebhookController(service, MOST, 5.0).receive, methods=["POST"])]
        async with serving(make_app(plane, routes)) as port:
            yield Rig(port, source, plane)


async def test_a_push_makes_the_source_live(tls: Tls) -> None:
    async with rig(keep_answering(ok(YAML)), tls) as it:
        reply = await it.deliver()
        assert reply.status == 200
        told = json.loads(reply.body)
        assert (told["status"], told["changes"]) == (
            "live",
            [{"section": "routes", "id": "hello", "difference": "added"}],
        )
        assert it.plane.store.documents["routes"] == {"hello": HELLO}
        assert f"host: localhost:{it.source.port}".encode() in it.source.heads[0].lower()
        again = await it.deliver()
        assert (again.status, json.loads(again.body)["changes"]) == (200, [])


async def test_the_token_of_the_admin_api_is_not_asked_for_but_opens_nothing(tls: Tls) -> None:
    async with rig(keep_answering(ok(YAML)), tls) as it:
        wrong = await it.deliver(x_hub_signature_256="sha256=" + "0" * 64)
        absent = await it.deliver(x_hub_signature_256="", authorization="Bearer w-secret")
        assert wrong.status == absent.status == 401
        assert wrong.body == absent.body
        assert it.source.connections == 0


async def test_replays_are_refused(tls: Tls) -> None:
    async with rig(keep_answering(ok(YAML)), tls) as it:
        assert (await it.deliver({"a": 1}, x_github_delivery="x")).status == 200
        for body, delivery in (({"a": 2}, "x"), ({"a": 1}, "y")):
            reply = await it.deliver(body, x_github_delivery=delivery)
            assert (reply.status, json.loads(reply.body)["code"]) == (409, "replayed")


async def test_a_ping_is_answered(tls: Tls) -> None:
    async with rig(keep_answering(ok(YAML)), tls) as it:
        reply = await it.deliver({"zen": "x"}, x_github_event="ping")
        assert (reply.status, it.source.connections) == (200, 0)


async def test_a_payload_may_hold_the_configuration(tls: Tls) -> None:
    async with rig(keep_answering(ok(YAML)), tls) as it:
        now = time.time()
        reply = await it.deliver({"config": {"routes": {"hello": HELLO}}, "timestamp": now})
        assert (reply.status, it.source.connections) == (200, 0)
        old = await it.deliver({"config": {"routes": {}}, "timestamp": now - 3600})
        assert old.status == 409
        broken = await it.deliver({"config": {"routes": {"x": {"rul": 1}}}, "timestamp": now})
        assert broken.status == 422
        assert [problem["entity"] for problem in json.loads(broken.body)["problems"]] == ["routes.x"]
        assert it.plane.store.documents["routes"] == {"hello": HELLO}


async def test_the_documented_sender_is_understood(tls: Tls, tmp_path: Path) -> None:
    async with rig(keep_answering(ok(YAML)), tls) as it:
        url = f"http://127.0.0.1:{it.port}/webhooks/config"
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(written_down("sender", tmp_path)), stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "WEBHOOK_SECRET": "key", "WEBHOOK_URL": url, "no_proxy": "*"},
        )  # fmt: skip
        async with asyncio.timeout(30):
            out, _ = await process.communicate()
        assert out.startswith(b'200 {"status":"live"')
        assert it.plane.store.documents["routes"] == {"hello": HELLO}


async def test_a_body_that_is_too_large(tls: Tls) -> None:
    async with rig(keep_answering(ok(YAML)), tls) as it:
        assert (await it.deliver({"x": "x" * MOST})).status == 413


async def drip(wire: Wire) -> None:
    """More than is allowed, without a length."""
    await wire.request()
    await wire.say(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
    while True:
        await wire.say(b"x" * 8192)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            keep_answering(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
            "redirect",
        ),
        (keep_answering(b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"), "answers 500"),
        (keep_answering(b"nonsense\r\n\r\n"), ""),
        (drip, "is larger than"),
    ],
)
async def test_a_source_that_cannot_be_read_may_be_tried_again(tls: Tls, answer: Answer, reason: str) -> None:
    async with rig(answer, tls) as it:
        for _ in range(2):
            reply = await it.deliver({"a": 1}, x_github_delivery="x")
            assert reply.status == 502
            assert reason in json.loads(reply.body)["detail"]
        assert it.source.connections == 2


async def test_a_source_whose_certificate_is_for_another_name_is_refused(tls: Tls, tmp_path: Path) -> None:
    other = make_cert(make_ca(), ("other.example",)).write(tmp_path, "other")
    tls.server.load_cert_chain(other.cert, other.key)
    async with rig(keep_answering(ok(YAML)), tls) as it:
        reply = await it.deliver()
        assert reply.status == 502
        assert it.source.heads == []


async def test_an_address_that_is_not_allowed_is_never_connected_to(tls: Tls) -> None:
    async with rig(keep_answering(ok(YAML)), tls, "http", address_problem=lambda _, __: "is loopback") as it:
        reply = await it.deliver()
        assert (reply.status, it.source.connections) == (502, 0)
        assert "is loopback" in json.loads(reply.body)["detail"]


def written_down(kind: str, directory: Path) -> Path:
    """An example of docs/webhooks.md as a file."""
    page = Path("docs/webhooks.md").read_text()
    file = directory / f"{kind}.py"
    file.write_text(page.split(f"```python {kind}\n")[1].split("```")[0])
    return file


def verified(head: bytes, body: bytes, recipe: Path) -> dict[str, Any]:
    """What a receiver by the recipe of docs/webhooks.md makes of a message."""
    spec = importlib.util.spec_from_file_location("recipe", recipe)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if line)
    assert module.verify(fields, body, "key")
    assert not module.verify(fields, body + b" ", "key")
    assert not module.verify(fields, body, "other")
    assert not module.verify({**fields, "X-Gateway-Timestamp": "1700000000"}, body, "key")
    message: dict[str, Any] = json.loads(body)
    assert message["id"] == fields["X-Gateway-Delivery"]
    return message


async def test_receivers_are_told_of_what_is_live_and_of_what_is_refused(tmp_path: Path) -> None:
    recipe = written_down("receiver", tmp_path)
    live: asyncio.Queue[Revision] = asyncio.Queue()

    async def watch() -> AsyncIterator[Revision]:
        while True:
            yield await live.get()

    events, plane, ids = RecordedEvents(), Plane(), count(1)
    async with raw_backend(keep_answering(ok(b""))) as hook:
        url = f"http://127.0.0.1:{hook.port}/hook"
        receiver = Receiver(url, Delivery("key"), time.time, events)
        refusals = RefusalWatch(plane.board, time.time, 0.02)
        sender = WebhookSender([receiver], watch, refusals.watch, lambda: f"id-{next(ids)}", events)
        plane.service.on_change.append(sender.notice)
        async with sender.running():
            await plane.service.put("routes", "hello", HELLO, "token:read-write")
            live.put_nowait(plane.history.revisions()[-1])
            await eventually(lambda: len(hook.bodies) == 1)
            with pytest.raises(InvalidConfig):
                await plane.service.put("routes", "bad", {"rul": 1}, "token:read-write")
            await eventually(lambda: len(hook.bodies) == 2)
            problem = ConfigProblem("redis://h/0", "routes.by-hand", "url", "is no url")
            plane.board.publish(WorkerStatus(8, 0.0, refused=(problem,)))
            await eventually(lambda: len(hook.bodies) == 3)
        first, second, third = (verified(*one, recipe) for one in zip(hook.heads, hook.bodies, strict=True))
    assert (first["event"], first["changes"]) == ("config.applied", {"routes": {"hello": "added"}})
    assert (second["event"], second["by"]) == ("config.refused", "token:read-write")
    assert second["problems"][0]["entity"] == "routes.bad"
    assert (third["by"], third["problems"][0]["entity"]) == ("store", "routes.by-hand")
