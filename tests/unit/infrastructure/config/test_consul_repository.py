"""The repository with answers by script; against a server it is in tests/integration/test_consul_repository.py."""

import asyncio
import base64
import json

import httpx
import pytest
import respx

from app.domain.entities.config import ConfigChange, ConfigError, GatewayConfig
from app.domain.entities.route import Respond, Route
from app.infrastructure.config import consul_keys
from app.infrastructure.config.consul_keys import Entry
from app.infrastructure.config.consul_options import ConsulOptions
from tests.consul_harness import HANGS, Following, following

OPTIONS = ConsulOptions("consul://consul:8500")
URL = "http://consul:8500/v1/kv/gateway/"
GOOD = '{"respond": {}}'


def answer(index: int, keys: dict[str, tuple[int, str]]) -> httpx.Response:
    """Keys below `gateway/routes/` with their ModifyIndex and value."""
    entries = [
        {"Key": f"gateway/routes/{id_}", "ModifyIndex": modified, "Value": base64.b64encode(value.encode()).decode()}
        for id_, (modified, value) in keys.items()
    ]
    return httpx.Response(200, content=json.dumps(entries).encode(), headers={"X-Consul-Index": str(index)})


def respond(status: int) -> str:
    return json.dumps({"respond": {"status": status}})


async def changed(made: Following) -> list[str]:
    """Ids of the routes of the next change."""
    change = await made.next()
    assert change is not None
    return sorted(change.routes)


@respx.mock
async def test_only_what_is_new_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []
    content = Entry.content

    def counted(entry: Entry) -> bytes:
        decoded.append(entry.key)
        return content(entry)

    monkeypatch.setattr(consul_keys.Entry, "content", counted)
    many = {f"r{number}": (5, GOOD) for number in range(2500)}
    respx.get(URL).mock(side_effect=[answer(5, many), answer(6, {**many, "r7": (6, respond(404))})])
    async with following(OPTIONS) as made:
        assert len((await made.repository.load()).routes) == 2500
        assert len(decoded) == 2500
        decoded.clear()
        assert await changed(made) == ["r7"]
    assert decoded == ["gateway/routes/r7"]


@respx.mock
async def test_a_change_that_changes_nothing_is_not_passed_on() -> None:
    first = {"a": (5, GOOD)}
    respx.get(URL).mock(
        side_effect=[
            answer(5, first),
            answer(5, first),
            answer(6, {"a": (6, GOOD)}),
            answer(7, {"a": (7, respond(404))}),
        ]
    )
    async with following(OPTIONS) as made:
        await made.repository.load()
        assert await changed(made) == ["a"]
    assert respx.calls.call_count == 4


@respx.mock
async def test_unchanged_answers_still_count_as_looks() -> None:
    respx.get(URL).mock(side_effect=[answer(5, {}), answer(5, {}), answer(6, {"a": (6, GOOD)})])
    async with following(OPTIONS) as made:
        await made.repository.load()
        before = made.repository.status().checked
        await changed(made)
        assert made.repository.status().checked >= before > 0.0


@respx.mock
async def test_refused_entries_are_judged_again_when_nothing_else_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"a": (5, '{"respond": {"body": "env:NOT_THERE_YET"}}')}
    respx.get(URL).mock(side_effect=[answer(5, keys), answer(5, keys), answer(5, keys)])
    async with following(OPTIONS) as made:
        assert not (await made.repository.load()).routes
        assert made.repository.status().refused
        monkeypatch.setenv("NOT_THERE_YET", "now")
        assert await changed(made) == ["a"]
        assert made.repository.status().refused == ()
    assert [call.request.url.params.get("index") for call in respx.calls] == [None, "5", None]


@respx.mock
async def test_what_is_kept_after_a_loss_goes_when_it_is_meant() -> None:
    four = dict.fromkeys("abcd", (5, GOOD))
    meant = answer(9, {"e": (7, GOOD)})
    meant = httpx.Response(
        200, headers=meant.headers,
        content=meant.content[:-1] + b', {"Key": "gateway/allow-empty", "ModifyIndex": 9, "Value": null}]',
    )  # fmt: skip
    answers = [answer(5, four), answer(6, {}), answer(7, {"e": (7, GOOD)}), meant]
    respx.get(URL).mock(side_effect=answers)
    async with following(OPTIONS) as made:
        await made.repository.load()
        assert await changed(made) == ["e"]
        assert await made.next() == ConfigChange(routes=dict.fromkeys("abcd"))


@respx.mock
async def test_an_unloaded_repository_asks_to_be_loaded_and_names_its_trouble() -> None:
    there = {"a": (5, GOOD)}
    failure = httpx.ConnectError("no")
    respx.get(URL).mock(side_effect=[failure, failure, answer(5, there), answer(5, there)])
    async with following(OPTIONS) as made:
        with pytest.raises(ConfigError, match="does not answer"):
            await made.repository.load()
        assert "does not answer" in made.repository.status().problem
        assert await made.next() is None
        assert made.repository.status().problem == ""
        assert sorted((await made.repository.load()).routes) == ["a"]
        messages = [message for _, message, _ in made.events.seen]
        assert messages == ["the store cannot be read", "the store can be read again"]


@respx.mock
async def test_an_answer_that_cannot_be_read_is_asked_for_again() -> None:
    broken = httpx.Response(200, content=b"<html>", headers={"X-Consul-Index": "99"})
    respx.get(URL).mock(side_effect=[answer(5, {}), broken, answer(6, {"a": (6, GOOD)})])
    async with following(OPTIONS) as made:
        await made.repository.load()
        async with asyncio.timeout(HANGS):
            assert await changed(made) == ["a"]
    assert [call.request.url.params.get("index") for call in respx.calls] == [None, "5", None]


@respx.mock
async def test_what_is_adopted_is_what_changes_start_from() -> None:
    respx.get(URL).mock(side_effect=[httpx.ConnectError("no"), answer(5, {"b": (5, respond(404)), "c": (5, GOOD)})])
    kept = GatewayConfig(routes={id_: Route(respond=Respond()) for id_ in "abc"})
    async with following(OPTIONS) as made:
        with pytest.raises(ConfigError):
            await made.repository.load()
        made.repository.adopt(kept)
        change = await made.next()
    assert change is not None
    assert change.routes["a"] is None
    assert sorted(change.routes) == ["a", "b"], "c is what it was"


@respx.mock
async def test_what_was_loaded_but_cannot_be_used_is_loaded_again() -> None:
    there = {"a": (5, GOOD)}
    later = answer(6, {"a": (6, respond(404))})
    respx.get(URL).mock(side_effect=[answer(5, there), answer(5, there), answer(5, there), later])
    async with following(OPTIONS) as made:
        await made.repository.load()
        made.repository.adopt(GatewayConfig())
        assert await made.next() is None
        assert sorted((await made.repository.load()).routes) == ["a"]
        assert await changed(made) == ["a"]
