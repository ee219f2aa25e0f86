"""What callers of the admin API get when it cannot be asked, or says no."""

from app.domain.admin_ports import AdminRefused, AdminUnreachable
from app.domain.entities.config import ConfigProblem


def test_a_gateway_that_is_not_there_is_lines() -> None:
    error = AdminUnreachable("cannot connect", "does it run?")
    assert (error.lines, str(error)) == (("cannot connect", "does it run?"), "cannot connect\ndoes it run?")


def test_a_refusal_keeps_its_problems() -> None:
    problem = ConfigProblem("s", "routes.a", "", "r")
    error = AdminRefused("no", (problem,))
    assert (error.detail, error.problems, str(error)) == ("no", [problem], "no")
    assert AdminRefused("no").problems == []
