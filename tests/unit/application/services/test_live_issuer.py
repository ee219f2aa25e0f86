from typing import Any

import msgspec
import pytest

from app.application.services.live_issuer import LiveIssuer
from app.application.services.token_memory import TokenMemory
from app.domain.entities.consumer import Consumer
from app.domain.entities.identity import Identity
from app.domain.entities.issuer import Issuer
from app.domain.entities.units import Duration
from app.domain.errors import GatewayRefusal
from app.domain.token_refusals import TokenRefused
from tests.fakes_tokens import ISSUER, NOW, FakeConsumers, FakeKeys
from tests.token_forge import claims, signer

KEY = signer("ES256")


class Bench:
    """An issuer with a key, and a clock."""

    def __init__(self, issuer: Issuer = ISSUER, *, keys: FakeKeys | None = None) -> None:
        self.now = NOW
        self.consumers = FakeConsumers()
        self.keys = keys or FakeKeys(KEY)
        self.memory = TokenMemory()
        self.issuer = LiveIssuer("main", self.consumers, self.memory, lambda: self.now)
        self.issuer.become(issuer, self.keys)

    def identify(self, token: str) -> Identity:
        found = self.issuer.identify(token.encode())
        assert isinstance(found, Identity)
        return found

    def refusal(self, token: str) -> TokenRefused:
        with pytest.raises(TokenRefused) as caught:
            self.issuer.identify(token.encode())
        return caught.value


def good(**more: Any) -> str:
    return KEY.token(claims(NOW, **more))


def test_a_token_says_who_is_asking() -> None:
    identity = Bench().identify(good(scope="read write", email="a@b"))
    assert (identity.id, identity.method, identity.consumer) == ("main:alice", "jwt", "")
    assert identity.scopes == {"read", "write"}
    assert identity.claims["email"] == "a@b"
    assert len(identity.credential) == 16
    int(identity.credential, 16)


def test_a_token_stands_for_a_consumer() -> None:
    bench = Bench()
    bench.consumers.add("mobile", "main", "alice", Consumer(scopes=("admin",)))
    identity = bench.identify(good(scope="read"))
    assert (identity.id, identity.consumer) == ("mobile", "mobile")
    assert identity.scopes == {"read", "admin"}


def test_a_signature_is_verified_once() -> None:
    bench = Bench()
    first = bench.identify(good())
    # The same token once more: another signature of the same claims would be another token.
    token = good()
    known = bench.identify(token)
    looked = bench.keys.found
    assert bench.identify(token) is known
    assert bench.keys.found == looked
    assert first is not known


def test_what_is_remembered_is_forgotten_with_the_keys() -> None:
    bench, token = Bench(), good()
    bench.identify(token)
    bench.keys.become(signer("ES256", number=2))
    assert bench.refusal(token).reason == "the signature does not hold"


def test_a62_a_key_that_is_gone_counts_no_more() -> None:
    bench, token = Bench(), good()
    bench.identify(token)
    bench.keys.become(signer("ES256", "k2", number=2))
    assert "no key 'k1'" in bench.refusal(token).reason


def test_what_is_remembered_is_forgotten_with_the_consumers() -> None:
    bench, token = Bench(), good()
    assert bench.identify(token).consumer == ""
    bench.consumers.add("mobile", "main", "alice")
    assert bench.identify(token).consumer == "mobile"


def test_what_is_remembered_is_forgotten_with_the_issuer() -> None:
    bench, token = Bench(), good()
    bench.identify(token)
    bench.issuer.become(msgspec.structs.replace(ISSUER, audience=("other",)), bench.keys)
    assert "aud" in bench.refusal(token).reason


def test_issuers_do_not_share_what_they_remember() -> None:
    bench, token = Bench(), good()
    other = LiveIssuer("other", bench.consumers, bench.memory, lambda: NOW)
    other.become(ISSUER, FakeKeys(signer("ES256", number=2)))
    bench.identify(token)
    with pytest.raises(TokenRefused):
        other.identify(token.encode())


def test_a_remembered_token_expires() -> None:
    bench, token = Bench(), good(exp=NOW + 100)
    bench.identify(token)
    bench.now = NOW + 129
    assert bench.identify(token).id == "main:alice"  # within the leeway it is judged anew
    bench.now = NOW + 130
    error = bench.refusal(token)
    assert error.genuine
    assert "expired" in error.reason


def test_a_clock_that_jumps_does_not_bring_back_expired_tokens() -> None:
    bench, token = Bench(), good(exp=NOW + 100)
    bench.identify(token)
    bench.now = NOW + 7200
    assert bench.refusal(token).reason != ""
    bench.now = NOW - 7200
    assert "future" in bench.refusal(token).reason
    bench.now = NOW
    assert bench.identify(token).id == "main:alice"


def test_refusals_that_last_are_remembered() -> None:
    bench = Bench()
    forged = signer("ES256", number=2).token(claims(NOW))
    assert bench.refusal(forged).reason == "the signature does not hold"
    looked = bench.keys.found
    assert bench.refusal(forged).reason == "the signature does not hold"
    assert bench.keys.found == looked
    bench.keys.become(signer("ES256", number=2))
    assert bench.identify(forged).id == "main:alice"


def test_a_foreign_token_is_told_as_such_again_and_again() -> None:
    bench = Bench()
    for _ in range(2):
        assert bench.refusal(good(iss="https://other.test")).foreign
    same = good(iss="https://other.test")
    assert bench.refusal(same).foreign
    assert bench.refusal(same).foreign


def test_without_keys_nobody_can_be_judged() -> None:
    bench = Bench(keys=FakeKeys())
    with pytest.raises(GatewayRefusal) as caught:
        bench.identify(good())
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (503, "issuer_unavailable", 5)


def test_keys_that_became_too_old_count_no_more() -> None:
    bench, token = Bench(), good()
    bench.identify(token)
    bench.keys.lose()
    with pytest.raises(GatewayRefusal):
        bench.identify(token)


def test_without_keys_a_malformed_or_foreign_token_is_still_refused() -> None:
    bench = Bench(keys=FakeKeys())
    assert bench.refusal("x.y.z").reason != ""
    assert bench.refusal(good(iss="https://other.test")).foreign


def test_an_issuer_that_is_not_configured_judges_nobody() -> None:
    bench = Bench()
    bench.issuer.end()
    with pytest.raises(GatewayRefusal, match="not in the configuration"):
        bench.identify(good())
    assert bench.issuer.source is None


async def test_an_unknown_key_is_waited_for() -> None:
    bench = Bench()
    new = signer("ES256", "k2", number=2)
    bench.keys.coming = (KEY, new)
    waiting = bench.issuer.identify(new.token(claims(NOW)).encode())
    assert not isinstance(waiting, Identity)
    assert (await waiting).id == "main:alice"


async def test_a53_a_key_that_does_not_come_is_refused() -> None:
    bench = Bench()
    bench.keys.coming = ()
    waiting = bench.issuer.identify(signer("ES256", "k2", number=2).token(claims(NOW)).encode())
    assert not isinstance(waiting, Identity)
    with pytest.raises(TokenRefused, match="not valid"):
        await waiting


async def test_the_issuer_may_go_while_somebody_waits() -> None:
    bench = Bench()
    new = signer("ES256", "k2", number=2)
    for keys, coming in ((FakeKeys(KEY), (new,)), (FakeKeys(), ())):
        bench.issuer.become(ISSUER, keys)
        keys.coming = coming
        waiting = bench.issuer.identify(new.token(claims(NOW)).encode())
        assert not isinstance(waiting, Identity)
        bench.issuer.end()
        with pytest.raises(GatewayRefusal):
            await waiting


async def test_a_key_may_go_again_while_somebody_waits() -> None:
    bench = Bench()
    new = signer("ES256", "k2", number=2)
    bench.keys.coming = (new,)
    waiting = bench.issuer.identify(signer("ES256", "k3", number=3).token(claims(NOW)).encode())
    assert not isinstance(waiting, Identity)
    with pytest.raises(TokenRefused):
        await waiting


@pytest.mark.parametrize("kid", ["../../../dev/null", "' OR 1=1 --", "http://evil/k", "k" * 200, "", "K1", "k1 "])
def test_a53_a_key_id_is_looked_up_and_nothing_else(kid: str) -> None:
    bench = Bench()
    assert "no key" in bench.refusal(KEY.token(claims(NOW), {"kid": kid})).reason


def test_a53_a_long_key_id_is_shortened_in_the_log() -> None:
    assert len(Bench().refusal(KEY.token(claims(NOW), {"kid": "k" * 200})).reason) < 120


def test_a_token_that_names_no_key_is_judged_by_the_only_one() -> None:
    token = KEY.token(claims(NOW), '{"alg":"ES256"}')
    assert Bench().identify(token).id == "main:alice"
    two = Bench(keys=FakeKeys(KEY, signer("ES256", "k2", number=2)))
    assert "not exactly one" in two.refusal(token).reason


def test_a59_a_huge_token_is_not_looked_at() -> None:
    assert "longer" in Bench().refusal("a" * 8193).reason


def test_a59_whatever_goes_wrong_is_the_tokens_fault() -> None:
    class Broken:
        keys: Any = None
        version = 0

        def more(self) -> None:
            raise RecursionError

        async def run(self) -> None: ...

    bench = Bench()
    bench.issuer.become(ISSUER, Broken())
    assert bench.refusal(good()).reason == "the token cannot be judged: RecursionError"


def test_a_lifetime_has_a_limit() -> None:
    bench = Bench(msgspec.structs.replace(ISSUER, max_lifetime=Duration(60)))
    assert "too long" in bench.refusal(good()).reason
