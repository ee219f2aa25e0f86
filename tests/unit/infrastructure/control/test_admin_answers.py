"""What the answers of the admin API mean."""

import httpx
import pytest

from app.domain.admin_ports import AdminConflict, AdminLacks, AdminRefused, AdminUnreachable
from app.domain.entities.config import ConfigProblem
from app.domain.entities.control import Plan, StoredEntity
from app.infrastructure.control import admin_answers

REQUEST = httpx.Request("GET", "http://127.0.0.1:8001/config")


def answer(status: int, text: str = "", headers: dict[str, str] | None = None, token: bool = True) -> httpx.Response:
    request = httpx.Request("GET", REQUEST.url, headers={"authorization": "Bearer x"} if token else {})
    return httpx.Response(status, headers=headers or {}, text=text, request=request)


def test_a_good_answer_is_its_value() -> None:
    assert admin_answers.decoded(answer(200, '{"changes": [], "problems": []}'), Plan) == Plan((), ())
    found = admin_answers.entity(answer(200, '{"url": "http://a"}', {"etag": '"v1"'}))
    assert found == StoredEntity({"url": "http://a"}, "v1")


@pytest.mark.parametrize(("etag", "version"), [('"a"', "a"), ('W/"a"', "a"), ("a", ""), ("", "")])
def test_versions(etag: str, version: str) -> None:
    assert admin_answers.version(answer(200, "", {"etag": etag})) == version


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("", 0), ("x", 0), ("²", 0)])
def test_revisions(text: str, number: int) -> None:
    response = httpx.Response(204, headers=[(b"x-gateway-revision", text.encode())])
    assert admin_answers.revision(response) == number


def test_a_refusal_carries_its_problems() -> None:
    text = '{"title": "T", "detail": "D", "problems": [{"source": "s", "entity": "e", "field": "f", "reason": "r"}]}'
    with pytest.raises(AdminRefused) as caught:
        admin_answers.check(answer(422, text))
    assert (caught.value.detail, caught.value.problems) == ("D", [ConfigProblem("s", "e", "f", "r")])


@pytest.mark.parametrize(("text", "detail"), [('{"title": "T"}', "T"), ("{}", "answers 404")])
def test_a_refusal_has_a_reason(text: str, detail: str) -> None:
    with pytest.raises(AdminRefused, match=detail):
        admin_answers.check(answer(404, text))


@pytest.mark.parametrize(
    ("status", "text", "token", "words"),
    [
        (401, "", True, "the token is not the right one"),
        (401, "", False, "a token is needed"),
        (403, '{"detail": "this token only reads"}', True, "forbidden: this token only reads"),
        (403, "<html>", True, "forbidden: no reason is given"),
    ],
)
def test_a_token_that_does_not_do(status: int, text: str, token: bool, words: str) -> None:
    with pytest.raises(AdminUnreachable, match=words) as caught:
        admin_answers.check(answer(status, text, token=token))
    assert caught.value.lines[0].startswith("http://127.0.0.1:8001: ")


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (answer(200, "<html>"), "JSON is malformed"),
        (answer(200, '{"changes": 1}'), "Expected `array`"),
        (answer(502, "<html>"), "no reason is given"),
        (answer(301, "", {"location": "/x"}), "it redirects"),
    ],
)
def test_what_is_no_admin_api_is_told(response: httpx.Response, words: str) -> None:
    with pytest.raises(AdminUnreachable, match=words) as caught:
        admin_answers.decoded(response, Plan)
    assert "is that the admin API?" in caught.value.lines[1]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("not_found", AdminLacks),
        ("conflict", AdminConflict),
        ("precondition_failed", AdminConflict),
        ("store_rejected", AdminRefused),
        ("", AdminRefused),
    ],
)
def test_refusals_that_callers_tell_apart(code: str, kind: type[AdminRefused]) -> None:
    with pytest.raises(AdminRefused) as caught:
        admin_answers.check(answer(409, f'{{"title": "T", "code": "{code}"}}'))
    assert type(caught.value) is kind
