"""What the control plane's refusals say."""

from app.application.services.admin_errors import ConfigChanged, InvalidConfig, UnknownEntity
from app.domain.control_ports import StoreConflict
from app.domain.entities.config import ConfigProblem


def test_an_unknown_entity_is_named() -> None:
    error = UnknownEntity("routes", "a")
    assert str(error).startswith("routes.a does not exist")
    assert (error.section, error.id) == ("routes", "a")


def test_every_problem_is_told() -> None:
    problems = [ConfigProblem("request", "routes.a", "url", "is no url"), ConfigProblem("request", "", "", "no")]
    error = InvalidConfig(tuple(problems))
    assert str(error) == "request: routes.a.url: is no url\nrequest: no"
    assert error.problems == problems


def test_a_whole_configuration_that_was_changed_is_a_conflict() -> None:
    error = ConfigChanged()
    assert isinstance(error, StoreConflict)
    assert "changed by somebody else" in str(error)
    assert (error.section, error.id) == ("", "")
