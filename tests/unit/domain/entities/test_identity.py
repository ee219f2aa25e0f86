"""Who is asking."""

from app.domain.entities.consumer import Consumer
from app.domain.entities.identity import Identity


def test_a_consumer_brings_its_groups_and_scopes() -> None:
    known = Identity("mobile", "jwt", "0" * 16, Consumer(groups=("partners",), scopes=("a",)), frozenset({"b"}))
    assert (known.id, known.consumer, known.groups, known.scopes) == (
        "mobile",
        "mobile",
        frozenset({"partners"}),
        frozenset({"a", "b"}),
    )


def test_somebody_who_is_no_consumer_has_a_name_all_the_same() -> None:
    stranger = Identity("main:alice", "jwt", "0" * 16, scopes=frozenset({"b"}))
    assert (stranger.id, stranger.consumer, stranger.groups, stranger.scopes) == (
        "main:alice",
        "",
        frozenset(),
        frozenset({"b"}),
    )
