"""Bodies are bounded, of a known type, and plain JSON values."""

from typing import Any

import pytest
from starlette.requests import Request

from app.domain.entities.config import ConfigError, ConfigProblem
from app.interfaces.admin import bodies
from app.interfaces.admin.bodies import LARGEST, MERGE_PATCH, read_document, read_json
from app.interfaces.admin.problems import Refusal
from tests.asgi import Server, http_scope, part


def request(
    *parts: bytes, kind: str = "application/json", method: str = "PUT", length: int | None = None, ends: bool = True
) -> Request:
    headers = [(b"content-type", kind.encode())] if kind else []
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    messages = [part(one, more=True) for one in parts]
    server = Server(*messages, part(b"") if ends else {"type": "http.disconnect"})
    return Request(http_scope(headers=headers, method=method), server.receive)


async def refusal(awaited: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await awaited
    return refused.value


async def test_json_in_pieces() -> None:
    assert await read_json(request(b'{"a": [1, 2.5, ', b'true, null, "\xc3\xa9"]}')) == {"a": [1, 2.5, True, None, "é"]}


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON"])
async def test_the_type_may_have_parameters(kind: str) -> None:
    assert await read_json(request(b"1", kind=kind)) == 1


@pytest.mark.parametrize("kind", ["", "text/plain", "application/yaml", "application/jsonx"])
async def test_other_types(kind: str) -> None:
    refused = await refusal(read_json(request(b"1", kind=kind)))
    assert (refused.problem.status, refused.headers) == (415, {"accept": "application/json"})


async def test_a_patch_of_another_type_is_told_what_is_accepted() -> None:
    refused = await refusal(read_json(request(b"1", kind="application/json-patch+json", method="PATCH"), MERGE_PATCH))
    assert refused.headers == {"accept-patch": "application/merge-patch+json, application/json"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "line 1, column 1"),
        (b"{", "line 1, column 2"),
        (b"[1,\n]", "line 2, column 1"),
        (b'{"a": 1, "b": 2, "a": 3}', "key 'a' stands twice"),
        (b"NaN", "NaN is no number"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b"1e999", "a number is too large"),
        (b"18446744073709551616", "a number is too large"),
        (b"1" * 5000, "4300"),
        (b'"\\ud800"', "surrogate"),
        (b'{"\\udfff": 1}', "surrogate"),
        (b"\xff", "not UTF-8"),
        (b"[" * 66 + b"]" * 66, "64 levels"),
        (b'{"a":' * 66 + b"1" + b"}" * 66, "64 levels"),
        (b"[" * 100_000 + b"]" * 100_000, "64 levels"),
    ],
)
async def test_what_is_no_json_for_us(data: bytes, reason: str) -> None:
    refused = await refusal(read_json(request(data)))
    assert refused.problem.status == 400
    assert reason in refused.problem.detail


async def test_the_largest_numbers_and_depths() -> None:
    data = b"[18446744073709551615, -9223372036854775808]"
    assert await read_json(request(data)) == [2**64 - 1, -(2**63)]
    assert await read_json(request(b"[" * 64 + b"]" * 64))


async def test_a_body_that_says_it_is_too_large() -> None:
    assert (await refusal(read_json(request(length=LARGEST + 1)))).problem.status == 413


async def test_a_body_that_turns_out_to_be_too_large() -> None:
    parts = [b" " * (1024 * 1024)] * 10
    assert (await refusal(read_json(request(*parts, b" ")))).problem.status == 413
    assert await read_json(request(*parts[1:], b"1")) == 1


async def test_a_client_that_goes_away() -> None:
    refused = await refusal(read_json(request(b"[", ends=False)))
    assert (refused.problem.status, "incomplete" in refused.problem.detail) == (400, True)


async def test_a_client_that_stops_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_SLOWEST", 0.01)
    server = Server(part(b"[", more=True))
    asked = Request(http_scope(headers=[(b"content-type", b"application/json")]), server.receive)
    assert (await refusal(read_json(asked))).problem.status == 408


async def test_a_document_is_json_or_yaml() -> None:
    seen: list[tuple[bytes, str]] = []

    def parse(data: bytes, suffix: str) -> object:
        seen.append((data, suffix))
        return {"yaml": True}

    assert await read_document(request(b'{"a": 1}'), parse) == {"a": 1}
    assert seen == []
    assert await read_document(request(b"a: 1", kind="application/yaml"), parse) == {"yaml": True}
    assert seen == [(b"a: 1", ".yaml")]
    assert (await refusal(read_document(request(b"a", kind="application/toml"), parse))).problem.status == 415


async def test_yaml_that_cannot_be_parsed() -> None:
    problem = ConfigProblem("request", "", "", "column 2: bad", 3)

    def parse(data: bytes, suffix: str) -> object:
        raise ConfigError([problem])

    refused = await refusal(read_document(request(b"{", kind="text/yaml"), parse))
    assert (refused.problem.status, refused.problem.problems) == (422, (problem,))


async def test_yaml_that_is_no_json_value() -> None:
    refused = await refusal(read_document(request(b"x", kind="text/yaml"), lambda data, suffix: {"a": {1}}))
    assert "got a set" in refused.problem.detail
