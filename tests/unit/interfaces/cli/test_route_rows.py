"""What a table shows of each kind of route."""

import pytest

from app.domain.entities.route import Match, Redirect, Respond, Route
from app.interfaces.cli.route_rows import row_of


class Reference(str):
    """A value that stands elsewhere."""

    reference = "env:KEY"


@pytest.mark.parametrize(
    ("route", "goes_to"),
    [
        (Route(service="users"), "service users"),
        (Route(url="http://b.example"), "http://b.example"),
        (Route(redirect=Redirect("/x", status=302)), "redirect 302 /x"),
        (Route(respond=Respond(status=404)), "respond 404"),
    ],
)
def test_where_a_route_goes(route: Route, goes_to: str) -> None:
    assert row_of("r", route).goes_to == goes_to


def test_conditions_are_told_but_no_secret() -> None:
    match = Match(
        hosts=("a.example",),
        paths=("/x",),
        methods=("GET",),
        headers={"x-key": Reference("top secret")},
        query={"v": "*"},
        cookies={"c": "1"},
    )
    row = row_of("r", Route(match=match, url="http://b.example", priority=3))
    assert (row.id, row.hosts, row.paths, row.methods, row.priority) == ("r", ("a.example",), ("/x",), ("GET",), 3)
    assert row.conditions == ("header x-key: env:KEY", "query v: *", "cookie c: 1")
