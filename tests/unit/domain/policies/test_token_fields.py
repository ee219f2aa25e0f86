import pytest

from app.domain.policies.token_fields import ClaimFields, name_problem


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("alice", b"alice"),
        ("a, b; c", b"a, b; c"),
        ("100%", b"100%"),
        (5, b"5"),
        (-1.5, b"-1.5"),
        (True, b"true"),
        (False, b"false"),
        (["a", "b"], b"a,b"),
        ([1, True, "x y"], b"1,true,x y"),
    ],
)
def test_plain_values_are_told(value: object, text: bytes) -> None:
    assert ClaimFields({"c": "X-C"}).of({"c": value}) == [(b"x-c", text)]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "a\r\nx-admin: 1",
        "a\x00",
        "\x7f",
        "é",
        " a",
        "a ",
        [],
        ["a,b"],
        ["a", ""],
        ["a", None],
        [["a"]],
        {"a": 1},
        ["é"],
    ],
)
def test_what_no_field_can_say_plainly_is_left_out(value: object) -> None:
    assert ClaimFields({"c": "x-c"}).of({"c": value}) == []


def test_a_claim_that_is_missing_is_left_out() -> None:
    fields = ClaimFields({"sub": "x-user", "email": "x-mail"})
    assert fields.of({"sub": "a"}) == [(b"x-user", b"a")]
    assert fields.names == {b"x-user", b"x-mail"}


@pytest.mark.parametrize("name", ["x-user-id", "X-Email", "user"])
def test_fields_of_services_may_be_used(name: str) -> None:
    assert name_problem(name) == ""


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "no field name"),
        ("a b", "no field name"),
        ("x-ü", "no field name"),
        ("Connection", "concerns the connection"),
        ("content-length", "concerns the connection"),
        ("Host", "written by the gateway"),
        ("x-consumer-id", "written by the gateway"),
        ("X-Forwarded-For", "written by the gateway"),
        ("authorization", "meaning of its own"),
        ("Cookie", "meaning of its own"),
        ("sec-fetch-site", "meaning of its own"),
        ("if-match", "meaning of its own"),
        ("x_user", "never sent"),
        ("x-forwarded-user", "never sent"),
        ("true-client-ip", "never sent"),
    ],
)
def test_fields_that_mean_something_else_may_not(name: str, reason: str) -> None:
    assert reason in name_problem(name)
