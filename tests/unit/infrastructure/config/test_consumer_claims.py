"""What belongs to one consumer only."""

from app.domain.entities.consumer import ApiKey, BasicAccount, Certificate, Consumer, SignatureKey, Subject
from app.infrastructure.config.consumer_claims import Claim, claims_of, taken


def test_every_credential_is_a_claim_in_the_form_in_which_it_is_compared() -> None:
    consumer = Consumer(
        api_keys=(ApiKey("0" * 64),),
        basic=(BasicAccount("user", "hash"),),
        signatures=(SignatureKey("key"),),
        certificates=(Certificate("AB:CD"), Certificate(subject="CN=a"), Certificate(dns="A.Example")),
        subjects=(Subject("main", "u"),),
    )
    assert dict(claims_of(consumer)) == {
        ("api_keys", 0, "sha256"): Claim("API key", "0" * 64),
        ("basic", 0, "username"): Claim("user name", "user"),
        ("signatures", 0, "id"): Claim("key id", "key"),
        ("certificates", 0, "sha256"): Claim("certificate (sha256)", "abcd"),
        ("certificates", 1, "subject"): Claim("certificate (subject)", "CN=a"),
        ("certificates", 2, "dns"): Claim("certificate (dns)", "a.example"),
        ("subjects", 0, "subject"): Claim("subject", "u", "main"),
    }


def test_the_other_is_named_and_the_credential_is_not() -> None:
    assert taken(Claim("API key", "0" * 64), "a") == (
        "consumer 'a' has the same API key: each belongs to one consumer only"
    )
