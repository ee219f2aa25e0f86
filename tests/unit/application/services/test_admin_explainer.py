"""Requests are explained with the configuration that is live."""

import pytest

from app.application.services.admin_explainer import Explainer, usable
from app.domain.control_ports import StoreUnavailable, UnknownRevision
from app.domain.entities.control import Documents
from tests.fakes import request
from tests.fakes_control import CHAIN, HELLO, ROUTE, SERVICE, Plane, reader

STORED: Documents = {"services": {"users": SERVICE}, "routes": {"users": ROUTE}}


async def test_the_live_configuration_counts() -> None:
    plane = Plane(STORED)
    plane.store.set("routes", "hello", HELLO)
    plane.store.fails = StoreUnavailable("gone")
    explainer = Explainer(plane.parts)
    assert (await explainer.explain(request("/users/1"))).route == "users"
    assert (await explainer.explain(request("/hello/1"))).route == ""


async def test_a_new_revision_is_looked_at_and_an_old_one_kept() -> None:
    plane = Plane(STORED)
    explainer = Explainer(plane.parts)
    assert (await explainer.explain(request("/hello/1"))).route == ""
    known = explainer._known
    await explainer.explain(request("/hello/1"))
    assert explainer._known is known
    plane.store.set("routes", "hello", HELLO)
    plane.go_live()
    assert (await explainer.explain(request("/hello/1"))).route == "hello"


async def test_what_is_stored_counts_while_nothing_was_live() -> None:
    plane = Plane({**STORED, "routes": {"users": ROUTE, "broken": {"url": 1}}}, live=False)
    explainer = Explainer(plane.parts)
    assert (await explainer.explain(request("/users/1"))).route == "users"
    plane.store.fails = StoreUnavailable("gone")
    with pytest.raises(StoreUnavailable):
        await explainer.explain(request("/users/1"))


async def test_a_revision_that_is_gone_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    plane = Plane(STORED)

    def gone(number: int) -> Documents:
        raise UnknownRevision(str(number))

    monkeypatch.setattr(plane.history, "documents", gone)
    assert (await Explainer(plane.parts).explain(request("/users/1"))).route == "users"


def test_what_is_wrong_is_left_out_and_the_rest_is_used() -> None:
    documents: Documents = {
        "services": {"users": SERVICE, "broken": {}, "off": {**SERVICE, "enabled": False}},
        "routes": {
            "users": ROUTE,
            "hello": HELLO,
            "lost": {**ROUTE, "service": "broken"},
            "off": {**ROUTE, "service": "off"},
            "bad": 1,
        },
    }
    config = usable(reader(), documents)
    assert set(config.services) == {"users", "off"}
    assert set(config.routes) == {"users", "hello"}


def test_a_route_whose_chain_is_missing_or_wrong_is_not_served() -> None:
    plane = Plane()
    documents: Documents = {
        "chains": {"good": CHAIN, "bad": {"odd": 1}},
        "routes": {
            id_: {**HELLO, "match": {"paths": [f"/{id_}"]}, "filters": [{"use": id_}]}
            for id_ in ("good", "bad", "gone")
        },
    }
    config = usable(plane.reader, documents)
    assert (list(config.routes), list(config.chains)) == (["good"], ["good"])
