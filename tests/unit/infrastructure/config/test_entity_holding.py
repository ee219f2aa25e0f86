"""Who needs an entity that should go."""

from app.infrastructure.config.entity_holding import holding_reason


def test_a_few_of_each_kind_are_named() -> None:
    routes = [("routes", f"r{number}") for number in range(7)]
    assert holding_reason([*routes, ("chains", "c")], gone=True) == (
        "is gone from the store; it stays as it was for chains that use it: c "
        "and routes that use it: r0, r1, r2, r3, r4 and 2 more"
    )
    assert holding_reason([("consumers", "c")], gone=False) == (
        "is switched off; it stays as it was for consumers that use it: c"
    )
