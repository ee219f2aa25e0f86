"""A webhook from its message to what is applied, with every way in which it is refused."""

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from app.application.services.admin_errors import InvalidConfig
from app.application.services.webhook_service import Incoming, NotGenuine, Replayed, WebhookService
from app.domain.control_ports import StoreUnavailable
from app.domain.entities.config import ConfigError, ConfigProblem
from app.domain.entities.control import Documents, Outcome
from app.domain.policies.webhook_signatures import Verifier
from app.domain.policies.webhook_sources import Sources
from app.domain.webhook_ports import SourceUnavailable
from tests.fakes import RecordedEvents

FILE = "https://git.example/raw/gateway.yaml?token=s3cret"
NOW = 1_700_000_000.0
DOCUMENTS = {"routes": {"a": {"url": "http://a"}}}


class FakeAdmin:
    """Remembers what was applied; set `failure` to make it refuse, `gate` to make it wait."""

    def __init__(self) -> None:
        self.applied: list[tuple[Documents, str]] = []
        self.failure: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def apply(self, documents: Documents, by: str) -> Outcome:
        self.applied.append((documents, by))
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return Outcome((), 7, "d")


class FakePuller:
    """Gives `data` for every URL; set `failure` to make it fail."""

    def __init__(self) -> None:
        self.pulled: list[str] = []
        self.data = json.dumps(DOCUMENTS).encode()
        self.failure: SourceUnavailable | None = None

    async def pull(self, url: str) -> bytes:
        self.pulled.append(url)
        if self.failure is not None:
            raise self.failure
        return self.data


class Rig:
    """A service with its surroundings."""

    def __init__(self, sources: tuple[str, ...] = (FILE, "https://cdn.example/config/")) -> None:
        self.admin, self.puller, self.events = FakeAdmin(), FakePuller(), RecordedEvents()
        self.now = NOW
        self.suffixes: list[str] = []
        incoming = Incoming(Verifier("key", "token"), Sources(sources), self.puller, self.parse)
        self.service = WebhookService(incoming, self.admin, lambda: self.now, self.events)
        self.count = 0

    def parse(self, data: bytes, suffix: str) -> Documents:
        self.suffixes.append(suffix)
        try:
            documents: Documents = json.loads(data)
        except ValueError:
            raise ConfigError([ConfigProblem("file", "", "", "broken", 3)]) from None
        return documents

    async def send(self, body: Any = None, **fields: str) -> Outcome | None:
        """A delivery by GitHub, its own unless `x_github_delivery` is given."""
        self.count += 1
        data = json.dumps({"after": f"commit {self.count}"} if body is None else body).encode()
        headers = {
            "x-hub-signature-256": "sha256=" + hmac.new(b"key", data, hashlib.sha256).hexdigest(),
            "x-github-delivery": f"d-{self.count}",
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in fields.items()},
        }
        return await self.service.receive(headers, data)


async def test_a_push_has_the_fixed_source_applied() -> None:
    rig = Rig()
    assert await rig.send() == Outcome((), 7, "d")
    assert rig.puller.pulled == [FILE]
    assert rig.admin.applied == [(DOCUMENTS, "webhook:github")]
    assert rig.suffixes == [".yaml"]


async def test_gitlab_is_named_as_who_asked() -> None:
    rig = Rig()
    assert await rig.service.receive({"x-gitlab-token": "token"}, b"{}") is not None
    assert rig.admin.applied == [(DOCUMENTS, "webhook:gitlab")]


async def test_a_message_may_name_a_source_that_is_allowed() -> None:
    rig = Rig()
    url = "https://cdn.example/config/v2.json"
    await rig.send({"source": url, "timestamp": NOW - 299})
    assert rig.puller.pulled == [url]
    assert rig.suffixes == [".json"]


@pytest.mark.parametrize("name", ["raw", "v1.2", ".json", "x.txt"])
async def test_a_name_without_a_known_suffix_is_yaml(name: str) -> None:
    rig = Rig()
    await rig.send({"source": f"https://cdn.example/config/{name}", "timestamp": NOW})
    assert rig.suffixes == [".yaml"]


async def test_a_message_may_hold_the_configuration() -> None:
    rig = Rig(())
    await rig.send({"config": DOCUMENTS, "timestamp": NOW})
    assert rig.puller.pulled == []
    assert rig.admin.applied == [(DOCUMENTS, "webhook:github")]
    assert rig.suffixes == [".json"]


async def test_a_ping_changes_nothing() -> None:
    rig = Rig()
    assert await rig.send({"zen": "x"}, x_github_event="ping") is None
    assert rig.admin.applied == []


@pytest.mark.parametrize("fields", [{"x_hub_signature_256": "sha256=00"}, {"x_hub_signature_256": ""}])
async def test_what_is_not_genuine_reaches_nothing(fields: dict[str, str]) -> None:
    rig = Rig()
    with pytest.raises(NotGenuine):
        await rig.send(**fields)
    assert (rig.puller.pulled, rig.admin.applied) == ([], [])
    assert rig.events.seen[0][:2] == ("warning", "webhook refused")


async def test_a_delivery_counts_once() -> None:
    rig = Rig()
    await rig.send({"a": 1}, x_github_delivery="same")
    with pytest.raises(Replayed, match="received before"):
        await rig.send({"a": 2}, x_github_delivery="same")
    with pytest.raises(Replayed, match="received before"):
        await rig.send({"a": 1}, x_github_delivery="other")
    rig.now += 25 * 3600
    await rig.send({"a": 1}, x_github_delivery="same")
    assert len(rig.admin.applied) == 2


@pytest.mark.parametrize("age", [301, -301])
async def test_an_old_message_is_refused(age: float) -> None:
    rig = Rig()
    with pytest.raises(Replayed, match="more than 300 seconds"):
        await rig.send({"config": DOCUMENTS, "timestamp": NOW - age})
    assert rig.admin.applied == []


async def test_a_signed_time_counts_too() -> None:
    key = "whsec_" + "QUFB"
    rig = Rig()
    incoming = Incoming(Verifier("", key), Sources([FILE]), rig.puller, rig.parse)
    service = WebhookService(incoming, rig.admin, lambda: rig.now, rig.events)
    body = json.dumps({"config": DOCUMENTS}).encode()

    def headers(timestamp: int) -> dict[str, str]:
        mark = hmac.new(b"AAA", f"m.{timestamp}.".encode() + body, hashlib.sha256).digest()

        signature = "v1," + base64.b64encode(mark).decode()
        return {"webhook-id": "m", "webhook-timestamp": str(timestamp), "webhook-signature": signature}

    with pytest.raises(Replayed):
        await service.receive(headers(int(NOW) - 301), body)
    assert await service.receive(headers(int(NOW) - 1), body) is not None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "expected a JSON object"),
        ({"config": DOCUMENTS}, "timestamp: expected seconds since 1970"),
        ({"source": "https://cdn.example/config/x"}, "timestamp: expected seconds since 1970"),
        ({"source": "https://evil.example/x", "timestamp": NOW}, "source: is not allowed"),
        ({"source": "file:///etc/passwd", "timestamp": NOW}, "source: expected http"),
    ],
)
async def test_what_cannot_be_asked_is_refused(body: Any, reason: str) -> None:
    rig = Rig()
    with pytest.raises(InvalidConfig, match=reason):
        await rig.send(body)
    assert (rig.puller.pulled, rig.admin.applied) == ([], [])


async def test_nothing_to_read_is_told() -> None:
    rig = Rig(("https://cdn.example/config/",))
    with pytest.raises(InvalidConfig, match="GATEWAY_WEBHOOK_SOURCES has no file"):
        await rig.send()


async def test_problems_name_where_they_are_but_no_token() -> None:
    rig = Rig()
    rig.puller.data = b"{"
    with pytest.raises(InvalidConfig) as broken:
        await rig.send()
    assert str(broken.value) == "https://git.example/raw/gateway.yaml:3: broken"
    rig.puller.data = b"{}"
    rig.admin.failure = InvalidConfig([ConfigProblem("request", "routes.a", "url", "is no url")])
    with pytest.raises(InvalidConfig) as refused:
        await rig.send()
    assert refused.value.problems[0].source == "https://git.example/raw/gateway.yaml"
    with pytest.raises(InvalidConfig) as sent:
        await rig.send({"config": {}, "timestamp": NOW})
    assert sent.value.problems[0].source == "webhook"


async def test_what_failed_outside_may_be_sent_again() -> None:
    rig = Rig()
    rig.puller.failure = SourceUnavailable("git.example: answers 500")
    with pytest.raises(SourceUnavailable):
        await rig.send({"a": 1}, x_github_delivery="d")
    rig.puller.failure = None
    rig.admin.failure = StoreUnavailable("no")
    with pytest.raises(StoreUnavailable):
        await rig.send({"a": 1}, x_github_delivery="d")
    rig.admin.failure = None
    assert await rig.send({"a": 1}, x_github_delivery="d") is not None


async def test_deliveries_are_applied_one_after_the_other() -> None:
    rig = Rig()
    rig.admin.gate = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(rig.send())
        tasks.create_task(rig.send())
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(rig.puller.pulled) == 1
        rig.admin.gate.set()
    assert len(rig.puller.pulled) == len(rig.admin.applied) == 2
