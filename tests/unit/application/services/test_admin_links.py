"""What entities name, and which documents are worth a closer look."""

from typing import Any

import pytest

from app.application.services.admin_links import USERS, Link, links_of, may_name
from app.domain.entities.chain import Chain
from app.domain.entities.config import SECTIONS, AnyEntity
from app.domain.entities.consumer import Consumer, Subject
from app.domain.entities.issuer import Issuer
from app.domain.entities.route import Route
from app.domain.entities.service import Service
from tests.unit.application.services.naming import names

FILTERS: tuple[dict[str, Any], ...] = ({"cors": {}}, {"use": "public"}, {"jwt": {"issuer": "main"}})
LINKS = [Link("filters[1].use", "chains", "public"), Link("filters[2].jwt", "issuers", "main")]


@pytest.mark.parametrize(
    ("entity", "links"),
    [
        (Route(service="users", filters=FILTERS), [Link("service", "services", "users"), *LINKS]),
        (Route(url="http://a"), []),
        (Chain(filters=FILTERS), LINKS),
        (Consumer(subjects=(Subject("main", "ann"),)), [Link("subjects[0].issuer", "issuers", "main")]),
        (Service(), []),
        (Issuer(issuer="a", audience=("b",), algorithms=("RS256",)), []),
    ],
)
def test_links(entity: AnyEntity, links: list[Link]) -> None:
    assert list(links_of(entity, names)) == links


def test_nothing_names_a_later_section() -> None:
    for section, users in USERS.items():
        assert all(SECTIONS.index(section) <= SECTIONS.index(user) for user in users)


@pytest.mark.parametrize(
    ("document", "section", "may"),
    [
        ({"service": "a"}, "services", True),
        ({"service": "env:NAME"}, "services", True),
        ({"service": "b", "filters": [{"use": "a"}]}, "services", False),
        ({"filters": [{"x": {"y": ("a",)}}]}, "chains", True),
        ({"filters": [{"x": "file:/b"}]}, "chains", True),
        ({"filters": [{"x": 7}], "description": "a"}, "chains", False),
        ({"subjects": [{"issuer": "a"}]}, "issuers", True),
        ([{"use": "a"}], "chains", True),
        (["b"], "chains", False),
        (["a"], "services", False),
        ("a", "chains", False),
        (None, "chains", False),
    ],
)
def test_documents_that_may_name_a(document: Any, section: str, may: bool) -> None:
    assert may_name(document, section, "a") == may
