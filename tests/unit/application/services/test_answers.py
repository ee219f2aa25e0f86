"""What redirects and fixed answers send to the client."""

import pytest

from app.application.services.answers import RedirectEndpoint, RespondEndpoint
from app.domain.entities.response import Response
from app.domain.entities.route import Redirect, Respond
from app.domain.errors import DownstreamError
from tests.fakes import exchange, request


async def respond(respond: Respond, method: str = "GET") -> Response:
    return await RespondEndpoint(respond)(exchange(request(method=method)))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_has_its_status_a_location_and_an_empty_body(status: int) -> None:
    endpoint = RedirectEndpoint(Redirect(to="https://{host}{path}{query}", status=status))  # type: ignore[arg-type]
    response = await endpoint(exchange(request("/a/b", query="c=1", host="x.org")))
    assert (response.status, response.body) == (status, b"")
    assert response.headers == [(b"location", b"https://x.org/a/b?c=1"), (b"content-length", b"0")]


async def test_a_redirect_takes_parameters_of_the_match() -> None:
    of = exchange(request("/old/7"))
    of.params = {"id": "7"}
    response = await RedirectEndpoint(Redirect(to="/new/{id}"))(of)
    assert response.headers[0] == (b"location", b"/new/7")


async def test_a_location_that_clients_could_bend_is_refused() -> None:
    of = exchange()
    of.params = {"to": "evil.org/"}
    with pytest.raises(DownstreamError, match="redirected safely"):
        await RedirectEndpoint(Redirect(to="https://{to}.example.org/"))(of)


def test_a_redirect_that_lets_clients_choose_the_host_is_never_built() -> None:
    with pytest.raises(ValueError, match="to: "):
        RedirectEndpoint(Redirect(to="https://{host}.{x}/"))


async def test_text_gets_its_length_in_bytes_and_a_type() -> None:
    response = await respond(Respond(status=418, body="Tee, süß"))
    assert (response.status, response.body) == (418, "Tee, süß".encode())
    assert response.headers == [(b"content-length", b"10"), (b"content-type", b"text/plain; charset=utf-8")]


async def test_fields_are_lower_case_and_a_type_that_is_given_stays_the_only_one() -> None:
    response = await respond(Respond(headers={"Content-Type": "application/json", "X-A": "1"}, body="{}"))
    assert response.headers == [(b"content-type", b"application/json"), (b"x-a", b"1"), (b"content-length", b"2")]


async def test_an_empty_body_has_a_length_but_no_type() -> None:
    assert (await respond(Respond(status=404))).headers == [(b"content-length", b"0")]


@pytest.mark.parametrize("status", [204, 304])
async def test_answers_that_never_have_a_body_have_no_length_either(status: int) -> None:
    assert (await respond(Respond(status=status, headers={"etag": '"1"'}))).headers == [(b"etag", b'"1"')]


async def test_head_gets_the_fields_of_get_without_its_body() -> None:
    fixed = Respond(body="hello")
    head, get = await respond(fixed, "HEAD"), await respond(fixed)
    assert (head.headers, head.body, get.body) == (get.headers, b"", b"hello")


async def test_each_answer_has_fields_of_its_own() -> None:
    endpoint = RespondEndpoint(Respond(body="x"))
    first = await endpoint(exchange())
    first.headers.append((b"x-request-id", b"1"))
    assert (b"x-request-id", b"1") not in (await endpoint(exchange())).headers
