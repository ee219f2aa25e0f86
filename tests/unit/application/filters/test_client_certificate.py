"""Filter `certificate`."""

import pytest

from app.application.filters.client_certificate import KIND
from app.domain.entities.certificate import CertificateFacts
from app.domain.entities.exchange import Exchange
from app.domain.entities.response import Response
from app.domain.refusals import Unauthenticated
from tests.fakes import exchange
from tests.unit.application.filters.credential_scene import NOW, Scene

SHA = "ab" * 32
FACTS = CertificateFacts(SHA, "CN=mobile,O=Example", ("mobile.example",), NOW - 1, NOW + 1)


def scene(facts: CertificateFacts | None = FACTS, certificate: dict[str, str] | None = None) -> Scene:
    made = Scene(machine={"certificates": [certificate or {"sha256": SHA}]})
    made.tools = made.tools._replace(certificate=lambda der: facts if der == b"der" else None)
    return made


def asked(der: bytes = b"der") -> Exchange:
    one = exchange()
    one.request.client.certificate = der
    return one


@pytest.mark.parametrize("certificate", [{"sha256": SHA}, {"subject": FACTS.subject}, {"dns": "mobile.example"}])
def test_a_certificate_tells_who_it_is(certificate: dict[str, str]) -> None:
    one, step = asked(), scene(certificate=certificate).step(KIND)
    step.on_request(one)
    step.on_response(one, Response(200, []))
    assert one.identity is not None
    assert (one.consumer, one.identity.method, one.identity.credential) == ("machine", "certificate", SHA[:16])


def test_without_a_certificate() -> None:
    made = scene()
    with pytest.raises(Unauthenticated, match="a client certificate is required") as error:
        made.step(KIND).on_request(asked(b""))
    assert error.value.headers == [(b"www-authenticate", b'Certificate realm="gateway"')]
    one = asked(b"")
    made.step(KIND, {"optional": True}).on_request(one)
    assert one.identity is None
    assert len(made.failures) == 0


@pytest.mark.parametrize(
    ("facts", "reason", "failures"),
    [
        (None, "the client certificate cannot be read", 1),
        (FACTS._replace(valid_until=NOW - 0.5), "the client certificate is not valid at this time", 0),
        (FACTS._replace(valid_from=NOW + 0.5), "the client certificate is not valid at this time", 0),
        (FACTS._replace(sha256="00"), "the client certificate belongs to no consumer", 0),
    ],
)
def test_every_wrong_certificate_is_refused_alike(facts: CertificateFacts | None, reason: str, failures: int) -> None:
    """Whoever has one that TLS verified is not guessing, and may have other credentials too."""
    made, one = scene(facts), asked()
    with pytest.raises(Unauthenticated, match="a client certificate was sent that is not valid"):
        made.step(KIND, {"optional": True}).on_request(one)
    assert one.error_detail == reason
    assert len(made.failures) == failures


def test_options() -> None:
    assert KIND.identifies
    assert KIND.problems({"optional": True}) == []
    assert (KIND.describe({}), KIND.describe({"optional": True})) == ("required", "optional")
