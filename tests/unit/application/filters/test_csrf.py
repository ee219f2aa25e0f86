"""Filter `csrf`."""

import pytest

from app.application.filters.csrf import KIND
from app.application.kinds import Place
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.refusals import Forbidden
from tests.fakes import exchange, request, tools

PLACE = Place("routes.r", "0", "r")


def post(origin: bytes) -> Exchange:
    return exchange(
        request(method="POST", host="shop.example", scheme="https", headers=[(b"cookie", b"s=1"), (b"origin", origin)])
    )


def test_pages_of_other_sites_are_refused_unless_they_are_trusted() -> None:
    step = KIND.build({"origins": ["https://partner.example"]}, tools(), PLACE)
    assert step.on_request(post(b"https://shop.example")) is None
    assert step.on_request(post(b"https://partner.example")) is None
    with pytest.raises(Forbidden) as caught:
        step.on_request(post(b"https://evil.example"))
    assert (caught.value.status, caught.value.code) == (403, "cross_site_request")
    step.on_response(post(b"x"), Response(200, []))


def test_it_is_described_and_checked() -> None:
    assert KIND.problems({}) == []
    assert KIND.describe({"origins": ["https://a.example"]}) == "only from its own pages, https://a.example"
    assert KIND.problems({"origins": ["*"]}) == ["origins[0]: '*' would trust every site"]
    with pytest.raises(ValueError, match="is no origin"):
        KIND.build({"origins": ["a"]}, tools(), PLACE)
