"""Via and loops: P-07."""

import pytest

from app.domain.errors import GatewayRefusal
from app.domain.policies.via import Via


@pytest.mark.parametrize(
    ("version", "element"),
    [("1.0", b"1.0 gw"), ("1.1", b"1.1 gw"), ("2", b"2.0 gw"), ("3", b"3.0 gw"), ("9", b"1.1 gw")],
)
def test_the_element_names_the_version_that_was_received(version: str, element: bytes) -> None:
    assert Via("gw").element(version) == element


def test_responses_come_over_http_1_1() -> None:
    assert Via("gw").response == b"1.1 gw"


@pytest.mark.parametrize("value", [b"1.1 gw", b"1.1 gw, 1.1 gw2", b"1.1 gw, gw", b"1.1 x (gw), 2.0 gw (gw)", b"gw gw"])
def test_being_seen_once_is_no_loop(value: bytes) -> None:
    Via("gw").refuse_loop({b"via": value})


def test_no_via_is_no_loop() -> None:
    Via("gw").refuse_loop({})


@pytest.mark.parametrize("value", [b"1.1 gw, 1.1 gw", b"1.1 GW , 1.1 other,2.0\tgw (comment)"])
def test_being_seen_twice_is_a_loop(value: bytes) -> None:
    with pytest.raises(GatewayRefusal) as caught:
        Via("Gw").refuse_loop({b"via": value})
    assert (caught.value.status, caught.value.code) == (508, "loop_detected")


@pytest.mark.parametrize("name", ["", "a b", "a,b", "é", "a\r\nb"])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(ValueError, match="expected a name"):
        Via(name)
