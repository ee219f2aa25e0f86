"""What filters of credentials do alike."""

import pytest

from app.application.services.credential_gate import CredentialGate
from app.application.services.failure_guard import FailureGuard
from app.domain.entities.identity import Identity
from app.domain.entities.units import Rate
from app.domain.refusals import LimitExceeded, Unauthenticated
from tests.fakes import exchange


def guard() -> FailureGuard:
    return FailureGuard(Rate(2, "min"), lambda: 0.0)


def test_absent_is_no_failure() -> None:
    failures = guard()
    gate = CredentialGate(failures, b"X realm=y", "a badge", optional=False)
    with pytest.raises(Unauthenticated, match="a badge is required") as error:
        gate.absent()
    assert error.value.headers == [(b"www-authenticate", b"X realm=y")]
    assert len(failures) == 0
    CredentialGate(failures, b"X", "a badge", optional=True).absent()


def test_wrong_is_one_and_the_reason_is_the_operators() -> None:
    gate, asked = CredentialGate(guard(), b"X realm=y", "a badge", optional=True), exchange()
    gate.enter(asked)
    error = gate.refusal(asked, "secret reason")
    assert (error.detail, asked.error_detail) == ("a badge was sent that is not valid", "secret reason")
    error = gate.explained(asked, "too old")
    assert (error.detail, asked.error_detail) == ("too old", "too old")
    with pytest.raises(LimitExceeded):
        gate.enter(asked)


def test_right_is_noted() -> None:
    asked = exchange()
    CredentialGate(guard(), b"X", "a badge", optional=False).accept(asked, Identity("jo", "basic", "1"))
    assert asked.consumer == "jo"
