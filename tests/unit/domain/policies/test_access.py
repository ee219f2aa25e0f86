"""Who may pass: the order of questions, and that what is refused stays refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.consumer import Consumer
from app.domain.entities.identity import Identity
from app.domain.policies.access import NameRules, Names, PlaceRules, Places
from app.domain.policies.address_table import AddressTable
from app.domain.refusals import Forbidden, Unauthenticated

SOME = st.frozensets(st.sampled_from("abc"))
WHERE = {"10.0.0.1": "DE", "10.0.0.2": "RU", "10.0.0.3": ""}


def names(consumers: str = "", groups: str = "", scopes: str = "") -> Names:
    return Names(frozenset(consumers.split()), frozenset(groups.split()), frozenset(scopes.split()))


def places(addresses: str = "", countries: str = "") -> Places:
    return Places((AddressTable(addresses.split()),) if addresses else (), frozenset(countries.split()))


def identity(id_: str = "app", groups: tuple[str, ...] = (), scopes: frozenset[str] = frozenset()) -> Identity:
    return Identity(id_, "api_key", "0" * 16, Consumer(groups=groups), scopes)


def may(allow: Names, deny: Names, who: Identity | None) -> bool:
    try:
        NameRules(allow, deny).check(who)
    except Forbidden:
        return False
    return True


def passes(allow: Places, deny: Places, address: str) -> bool:
    try:
        PlaceRules(allow, deny, WHERE.__getitem__).check(address)
    except Forbidden:
        return False
    return True


def test_nobody_is_told_to_say_who_it_is() -> None:
    with pytest.raises(Unauthenticated) as caught:
        NameRules(names(), names("app")).check(None)
    assert caught.value.status == 401


def test_consumers_and_groups_are_one_question_and_scopes_another() -> None:
    allow = names("app", "partners", "read write")
    assert may(allow, names(), identity("app", scopes=frozenset({"read"})))
    assert may(allow, names(), identity("other", ("partners",), frozenset({"write"})))
    assert not may(allow, names(), identity("other", ("strangers",), frozenset({"read"})))
    assert not may(allow, names(), identity("app", scopes=frozenset({"admin"})))


def test_those_whom_only_a_token_names_are_listed_by_issuer_and_subject() -> None:
    assert may(names("main:alice"), names(), Identity("main:alice", "jwt", "0" * 16))
    assert not may(names("alice"), names(), Identity("main:alice", "jwt", "0" * 16))


@given(SOME, SOME, SOME, SOME, SOME, SOME, st.sampled_from("abcd"), SOME, SOME)
def test_refused_wins_and_every_question_that_is_asked_needs_an_answer(
    consumers: frozenset[str], groups: frozenset[str], scopes: frozenset[str],
    not_consumers: frozenset[str], not_groups: frozenset[str], not_scopes: frozenset[str],
    id_: str, mine: frozenset[str], granted: frozenset[str],
) -> None:  # fmt: skip
    who = identity(id_, tuple(sorted(mine)), granted)
    refused = id_ in not_consumers or mine & not_groups or granted & not_scopes
    named = id_ in consumers or mine & groups or not (consumers or groups)
    expected = not refused and bool(named) and bool(granted & scopes or not scopes)
    assert may(Names(consumers, groups, scopes), Names(not_consumers, not_groups, not_scopes), who) is expected


def test_addresses_and_countries_are_asked_separately_and_refused_wins() -> None:
    assert passes(places("10.0.0.0/8", "DE"), places(), "10.0.0.1")
    assert not passes(places("10.0.0.0/8", "DE"), places(), "10.0.0.2")
    assert not passes(places("192.0.2.0/24", "DE"), places(), "10.0.0.1")
    assert not passes(places("10.0.0.0/8"), places("10.0.0.1"), "10.0.0.1")
    assert not passes(places(countries="DE"), places(countries="DE"), "10.0.0.1")


def test_a71_an_unknown_country_passes_only_where_the_lists_say_so() -> None:
    unknown = "10.0.0.3"
    assert not passes(places(countries="DE"), places(), unknown)
    assert passes(places(countries="DE unknown"), places(), unknown)
    assert passes(places(), places(countries="RU"), unknown)
    assert not passes(places(), places(countries="RU unknown"), unknown)


def test_countries_are_looked_up_only_where_they_matter() -> None:
    PlaceRules(places("10.0.0.0/8"), places(), lambda _: pytest.fail("asked")).check("10.9.9.9")
