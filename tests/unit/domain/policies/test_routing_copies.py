"""What may be changed is copied once, and what others hold never changes."""

from app.domain.policies.routing_copies import Copies, without_key


def test_the_first_call_copies_and_the_others_do_not() -> None:
    shared = {"a": 1}
    copies = Copies()
    mine = copies.own(shared)
    assert mine is not shared
    assert mine == shared
    assert copies.own(mine) is mine


def test_what_belongs_to_others_is_copied_again() -> None:
    mine = Copies().own([1])
    assert Copies().own(mine) is not mine


def test_a_key_is_taken_out_of_a_copy() -> None:
    shared = {"a": 1, "b": 2}
    assert without_key(shared, "a", Copies()) == {"b": 2}
    assert shared == {"a": 1, "b": 2}
