"""Filter `content_types`."""

import pytest

from app.application.filters.content_types import KIND
from app.application.kinds import Place
from app.domain.entities.headers import Headers
from app.domain.entities.request import Request
from app.domain.entities.response import Response
from app.domain.errors import DownstreamError
from app.domain.refusals import BodyTooLarge
from app.interfaces.inbound_body import InboundBody
from app.interfaces.limits import Pace
from tests.asgi import Server, part
from tests.fakes import exchange, request, tools

PLACE = Place("routes.r", "0", "r")
OPTIONS = {"allow": ["application/json", "image/*"]}


def sent(content_type: bytes | None, *, length: int | None = 3, version: str = "1.1") -> Request:
    headers: Headers = [] if content_type is None else [(b"content-type", content_type)]
    body = InboundBody(Server(part(b"abc")).receive, Pace(5))
    made = request(method="POST", headers=headers, body=b"" if length == 0 else body, length=length)
    made.version = version
    return made


def check(what: Request, **options: object) -> None:
    KIND.build({**OPTIONS, **options}, tools(), PLACE).on_request(exchange(what))


def test_listed_types_pass_and_others_are_told_which_there_are() -> None:
    check(sent(b"application/json; charset=utf-8"))
    check(sent(b"image/png", length=None))
    with pytest.raises(DownstreamError) as caught:
        check(sent(b"text/html"))
    assert (caught.value.status, caught.value.headers) == (415, [(b"accept", b"application/json, image/*")])


def test_two_fields_are_refused_though_the_first_is_listed() -> None:
    """Joined, the second looks like a parameter of the first; a service may take it alone."""
    one = sent(b"application/json; a=b")
    one.headers = [*one.headers, (b"content-type", b"text/html")]
    one.fields[b"content-type"] += b", text/html"
    with pytest.raises(DownstreamError) as caught:
        check(one)
    assert caught.value.status == 415
    check(sent(b'application/json; a="b, c"'))


def test_without_a_body_nothing_is_asked() -> None:
    check(sent(None, length=0))
    check(sent(b"text/html", length=0))


@pytest.mark.parametrize("length", [3, None])
def test_a_body_must_say_what_it_is_unless_that_may_be_missing(length: int | None) -> None:
    with pytest.raises(DownstreamError) as caught:
        check(sent(None, length=length))
    assert caught.value.status == 415
    check(sent(None, length=length), missing="allow")


async def test_over_http2_a_request_that_announces_no_type_must_have_no_body() -> None:
    made = sent(None, length=None, version="2")
    check(made)
    assert isinstance(made.body, InboundBody)
    with pytest.raises(BodyTooLarge):
        await anext(made.body)
    with pytest.raises(DownstreamError):
        check(sent(None, length=3, version="2"))


def test_answers_are_left_alone() -> None:
    KIND.build(OPTIONS, tools(), PLACE).on_response(exchange(), Response(200, []))


def test_it_is_described_and_checked() -> None:
    assert KIND.problems(OPTIONS) == []
    assert KIND.describe(OPTIONS) == "only application/json, image/*"
    assert KIND.describe({**OPTIONS, "missing": "allow"}) == "only application/json, image/*, or none named"
    [problem] = KIND.problems({"allow": ["image/*", "json"]})
    assert problem.startswith("allow[1]: 'json' is no media type")
    with pytest.raises(ValueError, match="no media type"):
        KIND.build({"allow": ["json"]}, tools(), PLACE)
