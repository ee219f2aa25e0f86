"""Filter `any_of`."""

from collections.abc import Awaitable
from typing import Any

import pytest

from app.application.filters import any_of, api_key, basic_auth
from app.application.filters.registry import KINDS
from app.application.kinds import Kind, Place
from app.application.pipeline import Filter
from app.application.tools import Tools
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.identity import Identity
from app.domain.entities.response import Response
from app.domain.errors import GatewayError, GatewayRefusal
from app.domain.policies.challenges import challenges_of
from app.domain.policies.identities import accept, remove_fields
from app.domain.refusals import Forbidden, LimitExceeded, Unauthenticated
from tests.credentials import KEY, OTHER_KEY, PASSWORD, UNKNOWN_KEY, basic
from tests.fakes import exchange, request
from tests.unit.application.filters.credential_scene import Scene, run

KIND = KINDS[any_of.NAME]
BOTH: list[dict[str, Any]] = [{"api_key": None}, {"basic": {}}]


def asked(key: str = "", password: str = "") -> Exchange:
    headers: Headers = [(b"x-api-key", key.encode())] if key else []
    if password:
        headers.append((b"authorization", basic("jo", password)))
    return exchange(request(headers=headers))


class Method:
    """Answers as it was told, at once or later."""

    def __init__(self, answer: Identity | GatewayError | Response | None, later: bool) -> None:
        self.answer, self.later = answer, later

    def on_request(self, exchange: Exchange) -> Response | Awaitable[Response | None] | None:
        return self._wait(exchange) if self.later else self._now(exchange)

    async def _wait(self, exchange: Exchange) -> Response | None:
        return self._now(exchange)

    def _now(self, exchange: Exchange) -> Response | None:
        if isinstance(self.answer, Identity):
            accept(exchange, self.answer)
            return None
        if isinstance(self.answer, Forbidden):
            accept(exchange, Identity("poor", "jwt", "1"))
        if isinstance(self.answer, GatewayError):
            raise self.answer
        return self.answer

    def on_response(self, exchange: Exchange, response: Response) -> None:
        """Nothing."""


async def outcome(*answers: Identity | GatewayError | Response | None, later: bool) -> tuple[Exchange, Any]:
    one = exchange()
    step: Filter = any_of.AnyOfFilter(Method(answer, later) for answer in answers)
    try:
        found = step.on_request(one)
        return one, await found if isinstance(found, Awaitable) else found
    except GatewayError as error:
        return one, error


@pytest.mark.parametrize(
    ("key", "password"), [(KEY, ""), ("", PASSWORD), (KEY, "wrong"), (UNKNOWN_KEY, PASSWORD), (KEY, PASSWORD)]
)
async def test_one_of_them_is_enough_and_no_credential_goes_further(key: str, password: str) -> None:
    step, one = Scene().step(KIND, BOTH), asked(key, password)
    await run(step, one)
    step.on_response(one, Response(200, []))
    assert (one.consumer, one.error_detail) == ("mobile", "")
    assert one.request.headers == [(b"host", b"test")]


@pytest.mark.parametrize(("key", "password"), [("", ""), (UNKNOWN_KEY, ""), ("", "wrong"), (UNKNOWN_KEY, "wrong")])
async def test_none_of_them_is_one_refusal_with_all_challenges(key: str, password: str) -> None:
    with pytest.raises(Unauthenticated) as error:
        await run(Scene().step(KIND, BOTH), asked(key, password))
    assert error.value.detail == "none of the ways to authenticate was used rightly"
    assert challenges_of(error.value) == [
        b'ApiKey realm="gateway", header="x-api-key"', b'Basic realm="gateway", charset="UTF-8"',
    ]  # fmt: skip


async def test_nobody_at_all_passes_only_when_every_method_is_optional() -> None:
    optional = [{"api_key": {"optional": True}}, {"basic": {"optional": True}}]
    one = asked()
    await run(Scene().step(KIND, optional), one)
    assert one.identity is None
    for entries, request_ in ((optional, asked(UNKNOWN_KEY)), ([optional[0], {"basic": {}}], asked())):
        with pytest.raises(Unauthenticated):
            await run(Scene().step(KIND, entries), request_)


async def test_after_another_method_it_must_be_the_same_consumer() -> None:
    scene = Scene()
    both = [scene.step(KINDS["basic"]), scene.step(KIND, [{"api_key": {}}])]
    one = asked(KEY, PASSWORD)
    for step in both:
        await run(step, one)
    assert one.identity is not None
    assert (one.consumer, one.identity.method) == ("mobile", "basic")
    two = asked(OTHER_KEY, PASSWORD)
    await run(both[0], two)
    with pytest.raises(Unauthenticated):
        await run(both[1], two)


JO = Identity("jo", "jwt", "1")


@pytest.mark.parametrize("later", [False, True])
async def test_what_the_answer_is_when_none_accepts(later: bool) -> None:
    wrong, poor, down = Unauthenticated("x"), Forbidden("y"), GatewayRefusal("z", code="jwks")
    for answers, expected in (((wrong, poor, down), down), ((poor, wrong), poor), ((down, poor), down)):
        one, found = await outcome(*answers, later=later)
        assert found is expected
        assert (one.identity, one.consumer) == (None, "")


@pytest.mark.parametrize("later", [False, True])
async def test_the_first_that_accepts_wins_and_what_is_no_verdict_ends_the_walk(later: bool) -> None:
    one, found = await outcome(Unauthenticated("x"), None, JO, Identity("al", "jwt", "2"), later=later)
    assert (found, one.identity) == (None, JO)
    answer, too_often = Response(204, []), LimitExceeded("slow down")
    assert (await outcome(answer, JO, later=later))[1] is answer
    assert (await outcome(too_often, JO, later=later))[1] is too_often
    assert (await outcome(None, None, later=later))[1] is None


@pytest.mark.parametrize("other", [{"basic": {"forward": True}}, {"api_key": {"header": "x-old-key", "forward": True}}])
async def test_credentials_that_nobody_judged_go_no_further_though_forwarding_is_asked_for(
    other: dict[str, Any],
) -> None:
    forged: Headers = [(b"authorization", basic("admin", "guess")), (b"x-old-key", UNKNOWN_KEY.encode())]
    one = exchange(request(headers=[(b"x-api-key", KEY.encode()), *forged]))
    await run(Scene().step(KIND, [{"api_key": {}}, other]), one)
    assert one.consumer == "mobile"
    assert next(iter(other.values())).get("header", "authorization").encode() not in one.request.fields


@pytest.mark.parametrize("entries", [[{"basic": {"forward": True}}], [{"api_key": {"forward": True}}]])
async def test_credentials_that_were_judged_are_forwarded_where_that_is_asked_for(
    entries: list[dict[str, Any]],
) -> None:
    name = "x-api-key" if "api_key" in entries[0] else "authorization"
    one = asked(KEY, "") if "api_key" in entries[0] else asked("", PASSWORD)
    await run(Scene().step(KIND, entries), one)
    assert name.encode() in one.request.fields


class Telling(Method):
    """Has a field of its own."""

    def strip(self, exchange: Exchange) -> None:
        remove_fields(exchange.request, (b"x-user-id",))


@pytest.mark.parametrize("first", [JO, None, Unauthenticated("x")])
async def test_what_a_method_tells_the_service_no_client_does_though_it_is_not_asked(
    first: Identity | GatewayError | None,
) -> None:
    one = exchange(request(headers=[(b"x-user-id", b"admin")]))
    step = any_of.AnyOfFilter([Method(first, True), Telling(JO, False)])
    await run(step, one)
    assert (one.consumer, b"x-user-id" in one.request.fields) == ("jo", False)


async def test_a_method_that_refuses_after_it_knew_leaves_the_one_before() -> None:
    one = exchange()
    accept(one, JO)
    with pytest.raises(Forbidden):
        await run(any_of.AnyOfFilter([Method(Forbidden("y"), True)]), one)
    assert (one.identity, one.consumer) == (JO, "jo")


def test_options() -> None:
    assert KIND.identifies
    assert KIND.problems(BOTH) == []
    assert KIND.describe(BOTH) == "api_key (field x-api-key) or basic (realm gateway)"
    assert KIND.problems([]) == [f"expected one of {names()} at least"]
    assert KIND.problems([{"api_key": {"header": "a b"}}, {"headers": {}}, {}, {"basic": {"x": 1}}]) == [
        "[0].api_key.header: 'a b' is no field name",
        f"[1]: headers is none of {names()}",
        "[2]: expected one name with its options, got nothing",
        "[3].basic: Object contains unknown field `x`",
    ]


def names() -> str:
    return ", ".join(sorted(name for name, kind in KINDS.items() if kind.identifies and name != any_of.NAME))


def test_members_know_their_place_and_their_references() -> None:
    places: list[Place] = []

    def build(options: object, tools: Tools, place: Place) -> Filter:
        places.append(place)
        return Method(None, False)

    one = Kind(build, str, lambda _: [], lambda options: [("issuers", str(options))])
    kind = any_of.kind({"a": one, "b": one}, lambda _: [])
    kind.build([{"a": 1}, {"b": 2}], Scene().tools, Place("routes.r", "2", "r"))
    assert [place.step for place in places] == ["2.0", "2.1"]
    assert kind.references([{"a": 1}, {"b": 2}]) == [("issuers", "1"), ("issuers", "2")]
    assert {api_key.NAME, basic_auth.NAME} <= set(KINDS)
