"""What entities name of others."""

from app.domain.entities.chain import Chain
from app.domain.entities.consumer import Consumer, Subject
from app.domain.entities.route import Route
from app.domain.entities.service import Service
from app.infrastructure.config.entity_references import Link, links_of, named
from tests.unit.infrastructure.config.strategies import filter_references

FILTERS = ({"use": "c"}, {"limit": None}, {"token": "i"})
OF_FILTERS = [Link(("filters", 0, "use"), "chains", "c"), Link(("filters", 2, "token"), "issuers", "i")]


def test_every_kind_of_reference_with_its_place() -> None:
    route = Route(service="s", filters=FILTERS)
    assert list(links_of(route, filter_references)) == [Link(("service",), "services", "s"), *OF_FILTERS]
    assert list(links_of(Chain(FILTERS), filter_references)) == OF_FILTERS
    consumer = Consumer(subjects=(Subject("i", "a"), Subject("j", "b")))
    assert list(links_of(consumer, filter_references)) == [
        Link(("subjects", 0, "issuer"), "issuers", "i"),
        Link(("subjects", 1, "issuer"), "issuers", "j"),
    ]
    assert list(links_of(Service(), filter_references)) == []
    assert list(links_of(Route(url="http://a"), filter_references)) == []


def test_how_they_are_called() -> None:
    assert named("consumers", "a b") == "consumer 'a b'"
