"""Single entities of plain values: their shape, and what checks of other parts say of them."""

from typing import Any

from app.domain.entities.chain import Chain
from app.domain.entities.config import SECTIONS, AnyEntity
from app.domain.entities.consumer import Consumer
from app.domain.entities.issuer import Issuer
from app.domain.entities.route import Route
from app.domain.entities.service import Service, Target
from app.infrastructure.config.entity_judge import KINDS, Checks, EntityJudge

ID = "an id has 1 to 128 printable characters and no blanks"


def judge(section: str, content: Any, id_: str = "a", **checks: Any) -> tuple[AnyEntity | None, list[Any]]:
    return EntityJudge(Checks(**{"filter_problems": lambda _: [], "match_problems": lambda _: [], **checks})).judge(
        section, id_, content
    )


def test_every_section_has_its_kind() -> None:
    assert set(KINDS) == set(SECTIONS)


def test_good_entities() -> None:
    assert judge("services", {"targets": [{"url": "http://a"}]}) == (Service(targets=(Target("http://a"),)), [])
    assert judge("routes", {"url": "http://a"}) == (Route(url="http://a"), [])


def test_statuses_to_retry_on_may_be_numbers() -> None:
    entity, found = judge("services", {"targets": [{"url": "http://a"}], "retries": {"on": [503, "reset"]}})
    assert isinstance(entity, Service)
    assert (entity.retries.on, found) == (("503", "reset"), [])


def test_a_wrong_shape_is_told_whole_and_gives_nothing() -> None:
    entity, found = judge("routes", {"url": 1, "servce": "a"}, id_="a b")
    assert entity is None
    assert found[0] == ((), ID)
    assert {path for path, _ in found[1:]} == {("url",), ("servce",)}


def test_a_bad_id_does_not_hide_what_is_wrong_inside() -> None:
    entity, found = judge("routes", {}, id_="")
    assert entity == Route()
    assert found == [((), ID), ((), "one of service, url, redirect, respond must say where requests go")]


def test_checks_of_other_parts_are_told_with_their_place() -> None:
    content = {"url": "http://a", "filters": [{"x": 1}]}
    _, found = judge(
        "routes",
        content,
        filter_problems=lambda entry: [f"{next(iter(entry))}.y[0]: is bad", "no place here: at all"],
        match_problems=lambda _: [("match.paths[1]", "is odd")],
        target_problem=lambda url: f"not {url}",
    )
    assert found == [
        (("url",), "not http://a"),
        (("match", "paths", 1), "is odd"),
        (("filters", 0, "x", "y", 0), "is bad"),
        (("filters", 0), "no place here: at all"),
    ]


def test_every_target_of_a_service_is_asked_for() -> None:
    content = {"targets": [{"url": "http://a"}, {"url": "http://b"}]}
    _, found = judge("services", content, target_problem=lambda url: "no" if url.endswith("b") else "")
    assert found == [(("targets", 1, "url"), "no")]


def test_other_kinds_of_entities() -> None:
    issuer = {"issuer": "i", "audience": "api", "algorithms": ["RS256"], "jwks": "http://169.254.169.254/"}
    entity, found = judge("issuers", issuer, target_problem=lambda _: "not there")
    assert isinstance(entity, Issuer)
    assert (entity.audience, found) == (("api",), [(("jwks",), "not there")])
    assert judge("consumers", {"groups": ["g"]}) == (Consumer(groups=("g",)), [])
    assert judge("chains", [{"x": 1}]) == (Chain(({"x": 1},)), [])
    assert judge("chains", [{"x": 1}], filter_problems=lambda _: ["x: no"])[1] == [(("filters", 0, "x"), "no")]


def test_ids_without_colons() -> None:
    assert judge("consumers", {}, "a:b")[1] == [((), "the id of a consumer holds no colon")]
    assert judge("chains", [], "a:b")[1] == []


def test_only_filters_without_mistakes_name_others() -> None:
    checks = Checks(
        lambda entry: ["no"] if "bad" in entry else [], lambda _: [], filter_references=lambda _: [("chains", "c")]
    )
    chain = Chain(({"bad": 1}, {"good": 1}))
    assert [link.path for link in EntityJudge(checks).sound_links(chain)] == [("filters", 1, "good")]
    assert EntityJudge(Checks(lambda _: [], lambda _: [])).links(chain) == []
