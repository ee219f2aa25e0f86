"""How problems of a configuration read."""

import pytest

from app.domain.entities.config import ConfigError, ConfigProblem


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (ConfigProblem("gateway.yaml", "", "", "no such file"), "gateway.yaml: no such file"),
        (ConfigProblem("gateway.yaml", "", "", "bad indent", 3), "gateway.yaml:3: bad indent"),
        (ConfigProblem("gateway.yaml", "routes.a", "", "no service"), "gateway.yaml: routes.a: no service"),
        (ConfigProblem("g.yaml", "routes.a", "match.paths[0]", "empty", 9), "g.yaml:9: routes.a.match.paths[0]: empty"),
    ],
)
def test_a_problem_says_where_and_what(problem: ConfigProblem, text: str) -> None:
    assert str(problem) == text


def test_an_error_shows_every_problem() -> None:
    problems = [ConfigProblem("a", "", "", "one"), ConfigProblem("a", "", "", "two")]
    error = ConfigError(problems)
    assert str(error) == "a: one\na: two"
    assert error.problems is problems
