"""Masks are taken for what is stored."""

import pytest

from app.application.services.admin_errors import InvalidConfig
from app.application.services.admin_secrets import all_with_secrets, with_secrets
from app.domain.entities.control import Documents, Stored, StoredEntity
from app.domain.policies.secret_fields import MASK

HIDDEN = {"issuer": "https://a", "secret": MASK}
ISSUER = {"issuer": "https://a", "secret": "s" * 32}
STORED: Stored = {"issuers": {"main": StoredEntity(ISSUER, "v1")}}


def test_a_secret_that_is_stored() -> None:
    assert with_secrets("issuers", "main", HIDDEN, ISSUER, "request") == ISSUER


def test_a_secret_that_is_not() -> None:
    with pytest.raises(InvalidConfig) as raised:
        with_secrets("issuers", "new", HIDDEN, None, "request")
    [problem] = raised.value.problems
    assert (problem.source, problem.entity, problem.field) == ("request", "issuers.new", "secret")
    assert "none is: give the secret itself" in problem.reason


def test_a_whole_configuration() -> None:
    documents: Documents = {"issuers": {"main": HIDDEN, "new": HIDDEN}, "routes": {"a": {"url": "http://a"}}}
    found, problems = all_with_secrets(documents, STORED, "request")
    assert found["issuers"]["main"] == ISSUER
    assert found["routes"] == documents["routes"]
    assert [problem.entity for problem in problems] == ["issuers.new"]


@pytest.mark.parametrize("documents", [{}, {"issuers": None}, {"odd": {"a": MASK}}, {"issuers": [HIDDEN]}, None])
def test_a_configuration_of_another_shape_stays_as_it_is(documents: Documents) -> None:
    assert all_with_secrets(documents, STORED, "request") == (documents, [])
