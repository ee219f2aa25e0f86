"""Who names whom, both ways."""

from app.infrastructure.config.entity_uses import Uses

R, Q, S, T = ("routes", "r"), ("routes", "q"), ("services", "s"), ("services", "t")


def test_both_ways() -> None:
    uses = Uses()
    uses.put(R, [S, T, S])
    uses.put(Q, [S])
    assert (uses.named(R), uses.of(S), uses.of(T)) == ((S, T), {R, Q}, {R})
    uses.put(R, [S, T])
    uses.put(R, [T])
    assert (uses.named(R), uses.of(S)) == ((T,), {Q})
    uses.put(R, ())
    uses.put(R, ())
    uses.put(Q, ())
    assert (uses.named(R), uses.of(S), uses.of(T)) == ((), set(), set())
