"""What the benchmark of changes writes is what the gateway takes, and each change shows."""

import msgspec

from app.assembly import make_entity_decoder
from app.domain.entities.route import Route
from app.infrastructure.config.settings import Settings
from benchmarks.churn import entities
from benchmarks.churn.entities import change, due, routes, services


def test_every_document_is_a_valid_entity_and_every_route_has_its_service() -> None:
    read = make_entity_decoder(Settings()).read
    for section, stored in (("services", services(1, 2)), ("routes", routes(50))):
        for id_, data in stored.items():
            entity = read(section, id_, data, "store")
            assert not isinstance(entity, Route) or not entity.service or entity.service in services(1, 2)


def test_a_table_is_filled_further_without_writing_what_is_there() -> None:
    first, more = routes(20), routes(30, 20)
    assert len(first) == 20
    assert len(more) == 10
    assert not first.keys() & more.keys()
    assert {"root", "echo", "version", "traffic"} <= first.keys()


def test_changes_alternate_between_the_watched_routes_and_some_alter_the_service() -> None:
    made = [change(number, 9) for number in range(1, 21)]
    assert [route for route, _ in made[:4]] == ["version", "traffic"] * 2
    assert [len(commands) for _, commands in made] == [1, 1, 1, 1, 1, 1, 1, 1, 1, 2] * 2
    assert made[9][1][0][:2] == ("services", "traffic")
    assert made[9][1][0] != made[19][1][0]
    texts = [entities.text(commands[-1][2]) for _, commands in made]
    assert len(set(texts)) == 20
    assert msgspec.json.decode(texts[2])["respond"] == {"body": "3"}


def test_changes_are_spread_evenly() -> None:
    assert list(due(4, 2.0)) == [(1, 0.0), (2, 0.5), (3, 1.0), (4, 1.5)]
    assert list(due(0, 2.0)) == []
