from app.application.services.token_memory import RefusedTokens, TokenMemory
from app.domain.entities.identity import Identity
from app.domain.policies.token_rules import Span

ALICE, BOB = Identity("main:alice", "jwt", "a"), Identity("main:bob", "jwt", "b")
SPAN = Span(10, 20)


def test_a_token_is_remembered_while_it_counts() -> None:
    memory = TokenMemory()
    memory.put(b"a", ALICE, SPAN, 100)
    assert memory.get(b"a", 10) is ALICE
    assert memory.get(b"a", 19.9) is ALICE
    assert memory.get(b"b", 15) is None


def test_an_expired_token_is_forgotten() -> None:
    memory = TokenMemory()
    memory.put(b"a", ALICE, SPAN, 100)
    assert memory.get(b"a", 20) is None
    assert len(memory) == 0


def test_eras_keep_apart() -> None:
    memory = TokenMemory()
    first, second = memory.new_era(), memory.new_era()
    memory.put(b"a" + first, ALICE, SPAN, 100)
    assert memory.get(b"a" + first, 15) is ALICE
    assert memory.get(b"a" + second, 15) is None


def test_a_clock_that_jumps_back_makes_it_one_of_the_future() -> None:
    memory = TokenMemory()
    memory.put(b"a", ALICE, SPAN, 100)
    assert memory.get(b"a", 9.9) is None


def test_a18_those_not_used_for_longest_make_room() -> None:
    memory = TokenMemory(most=2)
    memory.put(b"a", ALICE, SPAN, 100)
    memory.put(b"b", BOB, SPAN, 100)
    assert memory.get(b"a", 15) is ALICE
    memory.put(b"c", BOB, SPAN, 100)
    assert memory.get(b"b", 15) is None
    assert memory.get(b"a", 15) is ALICE
    assert len(memory) == 2


def test_a18_large_tokens_take_more_room() -> None:
    memory = TokenMemory(most_bytes=250)
    for digest in (b"a", b"b", b"b", b"c"):
        memory.put(digest, ALICE, SPAN, 100)
    assert memory.get(b"a", 15) is None
    assert memory.get(b"b", 15) is ALICE
    assert len(memory) == 2


def test_a18_few_refused_tokens_are_remembered() -> None:
    refused = RefusedTokens(most=2)
    refused.put(b"a", "why", foreign=True)
    refused.put(b"b", "why", foreign=False)
    assert refused.get(b"a") == ("why", True)
    refused.put(b"c", "why", foreign=False)
    assert refused.get(b"a") is None
    assert len(refused) == 1
    refused.clear()
    assert refused.get(b"c") is None
