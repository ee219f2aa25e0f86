"""The one form of entities."""

from app.domain.entities.consumer import Certificate, Consumer
from app.domain.entities.route import Match, Route
from app.domain.entities.service import Service
from app.infrastructure.config.entity_canonical import canonical


def test_the_canonical_form() -> None:
    route = canonical(Route(url="http://a", match=Match(headers={"X-A": "1"})))
    assert isinstance(route, Route)
    assert route.match.headers == {"x-a": "1"}
    consumer = canonical(Consumer(certificates=(Certificate("AB:CD"), Certificate(dns="A.example")), groups=("g",)))
    assert consumer == Consumer(certificates=(Certificate("abcd"), Certificate(dns="a.example")), groups=("g",))


def test_what_has_it_already_is_the_same_object() -> None:
    for entity in (Service(), Consumer(), Consumer(certificates=(Certificate("abcd"),)), Route(url="http://a")):
        assert canonical(entity) is entity
