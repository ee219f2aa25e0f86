"""Filter `basic`."""

import asyncio
import base64

import pytest

from app.application.filters.basic_auth import KIND
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.refusals import LimitExceeded, Unauthenticated
from tests.credentials import PASSWORD, basic, sha256
from tests.fakes import exchange, request
from tests.unit.application.filters.credential_scene import Scene, run


def asked(value: bytes | None = None) -> Exchange:
    return exchange(request(headers=[] if value is None else [(b"authorization", value)]))


async def refusal(scene: Scene, of: Exchange) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as error:
        await run(scene.step(KIND), of)
    assert of.identity is None
    return error.value


async def test_a_password_tells_who_it_is_and_goes_no_further() -> None:
    scene = Scene()
    step = scene.step(KIND)
    for value in (basic("jo", PASSWORD), basic("jo", PASSWORD).replace(b"Basic", b"bAsIc")):
        one = asked(value)
        await run(step, one)
        step.on_response(one, Response(200, []))
        assert one.identity is not None
        assert (one.consumer, one.identity.method, one.identity.credential) == ("mobile", "basic", sha256("jo")[:16])
        assert one.request.headers == [(b"host", b"test")]


async def test_the_second_time_nothing_waits() -> None:
    step = Scene().step(KIND, {"forward": True})
    await run(step, asked(basic("jo", PASSWORD)))
    one = asked(basic("jo", PASSWORD))
    assert step.on_request(one) is None
    assert one.consumer == "mobile"
    assert b"authorization" in one.request.fields


async def test_another_scheme_is_no_password() -> None:
    scene = Scene()
    error = await refusal(scene, asked(b"Bearer x"))
    assert error.detail == "a user name with a password is required"
    assert error.headers == [(b"www-authenticate", b'Basic realm="gateway", charset="UTF-8"')]
    one = asked(b"Bearer x")
    step = scene.step(KIND, {"optional": True})
    await run(step, one)
    step.withhold(one)
    assert one.identity is None
    assert one.request.fields[b"authorization"] == b"Bearer x"
    assert len(scene.failures) == 0


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (basic("jo", "wrong"), "wrong password for consumer mobile"),
        (basic("al", PASSWORD), "the user name is unknown"),
        (basic("", ""), "the user name is unknown"),
        (b"Basic", "the Basic credentials are malformed: no colon"),
        (b"Basic !!!", "the Basic credentials are malformed: not base64 of UTF-8 text"),
        (b"Basic " + base64.b64encode(b"jo\x00:x"), "the Basic credentials are malformed: control characters"),
    ],
)
async def test_every_wrong_password_is_refused_alike(value: bytes, reason: str) -> None:
    scene, one = Scene(), asked(value)
    error = await refusal(scene, one)
    assert (error.status, error.detail) == (401, "a user name with a password was sent that is not valid")
    assert one.error_detail == reason
    assert len(scene.failures) == 1


async def test_guessing_is_stopped_before_a_hash_is_made() -> None:
    scene = Scene()
    for _ in range(3):
        await refusal(scene, asked(basic("jo", "wrong")))
    with pytest.raises(LimitExceeded):
        scene.step(KIND).on_request(asked(basic("jo", PASSWORD)))


async def test_a_client_that_leaves_while_it_is_checked_has_failed() -> None:
    scene = Scene()
    left = asyncio.get_running_loop().create_future()
    left.cancel()

    class Passwords:
        def verify(self, password: bytes, hashed: str) -> asyncio.Future[bool]:
            return left

    scene.tools = scene.tools._replace(passwords=Passwords())
    with pytest.raises(asyncio.CancelledError):
        await run(scene.step(KIND), asked(basic("jo", PASSWORD)))
    assert len(scene.failures) == 1


def test_options() -> None:
    assert KIND.identifies
    assert KIND.problems({"realm": 'a "b"'}) == []
    assert KIND.problems({"realm": "é"}) == ["realm: expected printable ASCII, got 'é'"]
    assert KIND.problems({"realm": ""}) == ["realm: expected printable ASCII, got ''"]
    assert KIND.describe({"optional": True}) == "realm gateway, optional"
    assert KIND.describe({"realm": "x"}) == "realm x"
