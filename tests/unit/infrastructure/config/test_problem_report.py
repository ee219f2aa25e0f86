"""Problems: one for each place, in the order of lines."""

from app.domain.entities.config import ConfigProblem
from app.infrastructure.config.problem_report import Report


def test_the_first_reason_of_a_place_counts() -> None:
    report = Report([(("routes", "a"), "first")])
    report.add(("routes", "a"), [((), "second"), (("url",), "third"), (("url",), "fourth")])
    assert report.found == [(("routes", "a"), "first"), (("routes", "a", "url"), "third")]


def test_problems_come_in_the_order_of_lines() -> None:
    report = Report([(("routes", "a", "match", "paths", 0), "wrong"), (("services",), "worse")])
    lines = {("routes", "a", "match", "paths", 0): 7, ("services",): 2}
    assert report.problems("f", lambda path: lines[path]) == [
        ConfigProblem("f", "services", "", "worse", 2),
        ConfigProblem("f", "routes.a", "match.paths[0]", "wrong", 7),
    ]
