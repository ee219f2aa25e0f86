"""The first id has a credential that several claim, however they came."""

import random

from hypothesis import given
from hypothesis import strategies as st

from app.domain.entities.consumer import ApiKey, Consumer
from app.infrastructure.config.entity_rivals import Rivals, same_claims
from app.infrastructure.config.entity_steps import at_once

ALL = st.dictionaries(st.sampled_from("abcde"), st.lists(st.integers(0, 3), max_size=2, unique=True))


def consumer(*numbers: int) -> Consumer:
    return Consumer(api_keys=tuple(ApiKey(f"{number:064x}") for number in numbers))


def test_the_first_id_has_it() -> None:
    rivals = Rivals()
    rivals.claim("b", consumer(1))
    assert at_once(rivals.moved()) == {"b"}
    assert rivals.rival("b", consumer(1)) is None
    rivals.claim("a", consumer(1))
    assert at_once(rivals.moved()) == {"a", "b"}
    assert rivals.rival("a", consumer(1)) is None
    path, reason = rivals.rival("b", consumer(1)) or ((), "")
    assert (path, reason.partition(":")[0]) == (("api_keys", 0, "sha256"), "consumer 'a' has the same API key")
    rivals.claim("c", consumer(1))
    assert at_once(rivals.moved()) == set()
    rivals.claim("a", consumer(2))
    assert at_once(rivals.moved()) == {"a", "b", "c"}
    assert rivals.rival("b", consumer(1)) is None
    rivals.claim("b", None)
    assert at_once(rivals.moved()) == {"c"}
    assert rivals.rival("c", consumer(1)) is None


def test_the_same_again_moves_nothing() -> None:
    rivals = Rivals()
    rivals.claim("a", consumer(1))
    at_once(rivals.moved())
    rivals.claim("a", Consumer(api_keys=consumer(1).api_keys, groups=("g",)))
    rivals.claim("never there", None)
    assert at_once(rivals.moved()) == set()


@given(ALL, st.lists(ALL, max_size=2), st.randoms())
def test_only_the_end_counts(
    wanted: dict[str, list[int]], history: list[dict[str, list[int]]], order: random.Random
) -> None:
    rivals = Rivals()
    answers: dict[str, object] = {}
    earlier: dict[str, list[int]] = {}
    for state in [*history, wanted]:
        ids = list("abcde")
        order.shuffle(ids)
        for id_ in ids:
            rivals.claim(id_, consumer(*state.get(id_, [])))
        moved = at_once(rivals.moved())
        now = {id_: rivals.rival(id_, consumer(*state.get(id_, []))) for id_ in ids}
        unchanged = [id_ for id_ in ids if id_ in answers and earlier.get(id_, []) == state.get(id_, [])]
        assert {id_ for id_ in unchanged if now[id_] != answers[id_]} <= moved
        answers, earlier = dict(now), state
    expected = {id_ for id_, *_ in same_claims((id_, consumer(*numbers)) for id_, numbers in wanted.items())}
    assert {id_ for id_ in wanted if rivals.rival(id_, consumer(*wanted[id_])) is not None} == expected


def test_a_hundred_thousand_with_one_key_are_no_work() -> None:
    rivals = Rivals()
    for number in range(100_000):
        rivals.claim(f"c{number:06}", consumer(1))
    assert len(at_once(rivals.moved())) == 100_000
    assert rivals.rival("c099999", consumer(1)) is not None
    for number in range(99_999):
        rivals.claim(f"c{number:06}", None)
    assert at_once(rivals.moved()) == {"c099999"}
    assert rivals.rival("c099999", consumer(1)) is None
