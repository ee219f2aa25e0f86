from collections.abc import Awaitable
from typing import Any

import pytest

from app.application.filters import jwt
from app.application.filters.jwt import KIND, JwtFilter
from app.application.filters.registry import KINDS
from app.application.kinds import Place
from app.domain.entities.exchange import Exchange
from app.domain.entities.headers import Headers
from app.domain.entities.identity import Identity
from app.domain.entities.response import Response
from app.domain.errors import GatewayError, GatewayRefusal
from app.domain.policies.token_text import name_of
from app.domain.refusals import Forbidden, LimitExceeded, Unauthenticated
from app.domain.token_refusals import TokenRefused
from tests import fakes

PLACE = Place("routes.r", "0", "r")
CLAIMS = {"sub": "alice", "email": "a@b", "email_verified": True}
ALICE = Identity("main:alice", "jwt", name_of(b"good"), None, frozenset({"read"}), CLAIMS)


class Issuers:
    """Issuers that know one token, `good`."""

    def __init__(self, error: GatewayError | None = None, *, later: bool = False) -> None:
        self.error = error
        self.later = later
        self.asked: list[bytes] = []
        self.failures: list[str] = []
        self.redacted: list[str] = []

    def issuer(self, id_: str) -> "Issuers":
        return self

    def identify(self, token: bytes) -> Identity | Awaitable[Identity]:
        self.asked.append(token)
        return self._later(token) if self.later else self._now(token)

    async def _later(self, token: bytes) -> Identity:
        return self._now(token)

    def _now(self, token: bytes) -> Identity:
        if self.error is not None:
            raise self.error
        if token != b"good":
            raise TokenRefused("the signature does not hold")
        return ALICE

    def check(self, address: str) -> None:
        """Nobody failed too often."""

    def failed(self, address: str) -> None:
        self.failures.append(address)

    def step(self, **options: Any) -> JwtFilter:
        tools = fakes.tools(issuers=self, failures=self, redact=self.redacted.append)
        made = KIND.build({"issuer": "main", **options}, tools, PLACE)
        assert isinstance(made, JwtFilter)
        return made


def asking(*fields: tuple[bytes, bytes], query: str = "") -> Exchange:
    return fakes.exchange(fakes.request(headers=list(fields), query=query))


GOOD = (b"authorization", b"Bearer good")


async def run(step: JwtFilter, exchange: Exchange) -> None:
    waiting = step.on_request(exchange)
    if waiting is not None:
        await waiting


async def refusal(step: JwtFilter, exchange: Exchange) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        await run(step, exchange)
    return caught.value


def challenge(error: GatewayError) -> bytes:
    [(name, value)] = error.headers
    assert name == b"www-authenticate"
    return value


@pytest.mark.parametrize("later", [False, True])
async def test_a_token_says_who_is_asking(later: bool) -> None:
    exchange = asking(GOOD)
    await run(Issuers(later=later).step(), exchange)
    assert exchange.identity is ALICE
    assert exchange.consumer == "main:alice"
    assert exchange.request.fields[b"authorization"] == b"Bearer good"


async def test_no_token_is_asked_for_without_an_error() -> None:
    issuers = Issuers()
    for fields in ([], [(b"authorization", b"Basic abc")]):
        error = await refusal(issuers.step(realm='my "api"'), asking(*fields))
        assert isinstance(error, Unauthenticated)
        assert challenge(error) == b'Bearer realm="my \\"api\\""'
    assert issuers.failures == []
    assert issuers.asked == []


@pytest.mark.parametrize("later", [False, True])
async def test_a_wrong_token_is_refused_without_a_reason(later: bool) -> None:
    issuers, exchange = Issuers(later=later), asking((b"authorization", b"Bearer bad"))
    error = await refusal(issuers.step(), exchange)
    assert error.status == 401
    assert challenge(error).startswith(b'Bearer realm="gateway", error="invalid_token", error_description="')
    assert b"signature" not in challenge(error)
    assert "signature" not in error.detail
    assert exchange.error_detail == "the signature does not hold"
    assert issuers.failures == ["192.0.2.1"]
    assert exchange.identity is None


@pytest.mark.parametrize("later", [False, True])
async def test_an_expired_token_is_no_guess(later: bool) -> None:
    issuers, exchange = Issuers(TokenRefused("the token has expired", genuine=True), later=later), asking(GOOD)
    error = await refusal(issuers.step(), exchange)
    assert b'error="invalid_token"' in challenge(error)
    assert exchange.error_detail == "the token has expired"
    assert issuers.failures == []


async def test_a_token_of_another_issuer_is_no_guess_at_this_one() -> None:
    """Where `any_of` has a step for each issuer, every token of the second is refused by the first."""
    issuers, exchange = Issuers(TokenRefused("'iss' is another issuer", foreign=True, lasting=True)), asking(GOOD)
    assert b'error="invalid_token"' in challenge(await refusal(issuers.step(), exchange))
    assert exchange.error_detail == "'iss' is another issuer"
    assert issuers.failures == []


async def test_several_tokens_are_refused() -> None:
    issuers = Issuers()
    for value in (b"Bearer good, Bearer bad", b"Basic x, Bearer good"):
        assert (await refusal(issuers.step(optional=True), asking((b"authorization", value)))).status == 401
    assert issuers.asked == [b"good, Bearer bad"]


@pytest.mark.parametrize("later", [False, True])
async def test_an_issuer_that_cannot_judge_answers_503(later: bool) -> None:
    error = await refusal(Issuers(GatewayRefusal("no keys"), later=later).step(), asking(GOOD))
    assert error.status == 503


async def test_a_token_may_be_optional_but_not_wrong() -> None:
    step, anonymous = Issuers().step(optional=True, forward_claims={"sub": "x-user"}), asking((b"x-user", b"root"))
    await run(step, anonymous)
    assert anonymous.identity is None
    assert b"x-user" not in anonymous.request.fields
    assert (await refusal(step, asking((b"authorization", b"Bearer bad")))).status == 401


async def test_claims_are_told_and_a_clients_copies_are_not() -> None:
    step = Issuers().step(forward_claims={"sub": "X-User", "email": "x-mail", "none": "x-none"})
    forged = [(b"x-user", b"root"), (b"x-none", b"root"), (b"x-user", b"admin"), (b"connection", b"x-mail, x-other")]
    exchange = asking(GOOD, *forged, (b"x-other", b"1"))
    await run(step, exchange)
    request = exchange.request
    told: Headers = [(b"x-user", b"alice"), (b"x-mail", b"a@b")]
    assert request.headers == [(b"host", b"test"), GOOD, *told]
    assert request.fields == dict(request.headers)


async def test_copies_are_removed_also_when_the_token_is_wrong() -> None:
    exchange = asking((b"authorization", b"Bearer bad"), (b"x-user", b"root"))
    await refusal(Issuers().step(forward_claims={"sub": "x-user"}), exchange)
    assert b"x-user" not in exchange.request.fields


async def test_the_token_may_be_kept_from_the_service() -> None:
    exchange = asking(GOOD)
    await run(Issuers().step(forward_token=False), exchange)
    assert b"authorization" not in exchange.request.fields
    assert exchange.request.headers == [(b"host", b"test")]


async def test_a_token_in_a_cookie() -> None:
    step, exchange = (
        Issuers().step(**{"from": {"cookie": "t"}}, forward_token=False),
        asking((b"cookie", b"a=1; t=good")),
    )
    await run(step, exchange)
    assert exchange.identity is ALICE
    assert exchange.request.fields[b"cookie"] == b"a=1"


async def test_a_token_in_a_field_of_its_own() -> None:
    exchange = asking((b"x-token", b"good"))
    await run(Issuers().step(**{"from": {"header": "X-Token"}}), exchange)
    assert exchange.identity is ALICE


async def test_a61_a_token_in_the_query_is_never_sent_on_nor_logged() -> None:
    issuers = Issuers()
    step, exchange = issuers.step(**{"from": {"query": "at"}}), asking(query="a=1&at=good")
    await run(step, exchange)
    assert exchange.identity is ALICE
    assert exchange.request.query == "a=1"
    assert issuers.redacted == ["at"]


async def test_a61_a_token_in_the_query_counts_only_where_that_is_chosen() -> None:
    issuers = Issuers()
    assert (await refusal(issuers.step(), asking(query="access_token=good"))).status == 401
    assert issuers.asked == []


def test_a61_what_is_answered_to_a_token_in_the_query_is_not_shared() -> None:
    step, plain = Issuers().step(**{"from": {"query": "at"}}), Issuers().step()
    for of, headers, expected in (
        (step, [], [(b"cache-control", b"private")]),
        (step, [(b"cache-control", b"no-store")], [(b"cache-control", b"no-store")]),
        (plain, [], []),
    ):
        response = Response(200, headers, b"")
        of.on_response(asking(), response)
        assert response.headers == expected


async def test_too_little_scope_is_named() -> None:
    exchange = asking(GOOD)
    error = await refusal(Issuers().step(require={"scope": ["read", "write"]}), exchange)
    assert isinstance(error, Forbidden)
    assert error.code == "insufficient_scope"
    assert challenge(error) == b'Bearer realm="gateway", error="insufficient_scope", scope="read write"'
    assert exchange.error_detail == "scope write is missing"
    assert exchange.consumer == "main:alice"


async def test_a_claim_that_is_asked_for_is_not_told() -> None:
    error = await refusal(Issuers().step(require={"claims": {"role": ["admin"]}}), asking(GOOD))
    assert challenge(error) == b'Bearer realm="gateway", error="insufficient_scope"'
    assert "role" not in error.detail


async def test_what_is_asked_for_may_be_there() -> None:
    exchange = asking(GOOD)
    await run(Issuers().step(require={"scope": ["read"], "claims": {"email_verified": True}}), exchange)
    assert exchange.identity is ALICE


async def test_several_issuers_are_asked() -> None:
    issuers, exchange = Issuers(), asking(GOOD)
    await run(issuers.step(issuer=["main", "other"]), exchange)
    assert exchange.identity is ALICE
    assert (
        await refusal(issuers.step(issuer=["main", "other"]), asking((b"authorization", b"Bearer b")))
    ).status == 401
    assert issuers.asked == [b"good", b"b", b"b"]


async def test_another_method_accepts_and_no_forgery_passes() -> None:
    """Whoever proves something else must not tell the service what only a token may say."""
    issuers = Issuers()
    tools = fakes.tools(issuers=issuers, failures=issuers)
    options = [
        {"jwt": {"issuer": "main", "forward_claims": {"sub": "x-user"}, "optional": True}},
        {"jwt": {"issuer": "main", "forward_claims": {"sub": "x-id"}, "from": {"cookie": "t"}, "forward_token": False}},
        {"jwt": {"issuer": "main"}},
    ]
    step = KINDS["any_of"].build(options, tools, PLACE)
    exchange = asking((b"x-user", b"root"), (b"x-id", b"root"), (b"cookie", b"t=good"))
    assert step.on_request(exchange) is None
    assert exchange.identity is ALICE
    assert exchange.request.fields == {b"host": b"test", b"x-id": b"alice"}


@pytest.mark.parametrize(
    ("options", "fields", "kept"),
    [
        ([{"from": {"cookie": "t"}}, {}], [(b"cookie", b"t=good"), (b"authorization", b"Bearer forged")], {b"cookie"}),
        (
            [{"from": {"cookie": "t"}}, {}],
            [(b"cookie", b"t=good"), (b"authorization", b"Basic x, Bearer y")],
            {b"cookie"},
        ),
        ([{"from": {"cookie": "t"}}, {}], [(b"cookie", b"t=bad"), GOOD], {b"authorization"}),
        ([{"from": {"cookie": "t"}}, {}], [GOOD], {b"authorization"}),
        ([{"optional": True}], [], set()),
    ],
)
def test_a_token_that_nobody_judged_is_not_sent_on(
    options: list[dict[str, Any]], fields: Headers, kept: set[bytes]
) -> None:
    """A service that sees a token behind this gateway takes it for a good one."""
    issuers = Issuers()
    tools = fakes.tools(issuers=issuers, failures=issuers)
    step = KINDS["any_of"].build([{"jwt": {"issuer": "main", **one}} for one in options], tools, PLACE)
    exchange = asking(*fields)
    assert step.on_request(exchange) is None
    assert exchange.request.fields.keys() == {b"host", *kept}


def test_whoever_is_known_by_something_else_sends_no_token_on() -> None:
    step = Issuers().step()
    for identity in (None, Identity("app", "api_key", name_of(b"good"))):
        exchange = asking(GOOD)
        exchange.identity = identity
        step.withhold(exchange)
        assert b"authorization" not in exchange.request.fields


async def test_too_many_wrong_tokens_are_not_looked_at() -> None:
    class Tired(Issuers):
        def check(self, address: str) -> None:
            raise LimitExceeded("too many", retry_after=1)

    issuers = Tired()
    assert (await refusal(issuers.step(), asking(GOOD))).status == 429
    assert (await refusal(issuers.step(), asking())).status == 401
    assert issuers.asked == []


def test_a_step_says_what_it_does() -> None:
    assert KIND.describe({"issuer": "main"}) == "issuer main, from field authorization"
    options = {
        "issuer": ["a", "b"], "from": {"cookie": "t"}, "require": {"scope": ["r", "w"], "claims": {"role": "x"}},
        "forward_claims": {"sub": "x-user"}, "optional": True,
    }  # fmt: skip
    assert KIND.describe(options) == "issuer a or b, from cookie t, scope r w, claims role, forwards sub, optional"


def test_a_step_names_its_issuers() -> None:
    assert KIND.references({"issuer": ["a", "b"]}) == [("issuers", "a"), ("issuers", "b")]
    assert KIND.identifies
    assert KINDS[jwt.NAME] is KIND


def test_wrong_options_are_refused() -> None:
    assert KIND.problems({"issuer": "main", "realm": ""}) != []
    with pytest.raises(ValueError, match="realm"):
        Issuers().step(realm="")
