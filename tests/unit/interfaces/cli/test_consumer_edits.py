"""Consumers are changed without losing what others change meanwhile."""

from typing import Any

import pytest

from app.domain.admin_ports import AdminConflict, AdminLacks
from app.interfaces.cli.consumer_edits import consumer, edit_consumer
from app.interfaces.cli.toolbox import Refused
from tests.unit.interfaces.cli.storing_admin import StoringAdmin, document_of, storing


def tagged(document: Any) -> Any:
    return {**document, "tags": ["seen"]}


def test_what_somebody_else_writes_meanwhile_is_kept() -> None:
    _, admin = storing(c={"groups": ["old"]})
    admin.overtaken = [{"groups": ["new"]}, {"groups": ["newer"]}]
    edit_consumer(admin, "c", tagged)
    assert document_of(admin, "c") == {"groups": ["newer"], "tags": ["seen"]}


def test_somebody_who_is_faster_every_time() -> None:
    _, admin = storing(c={})
    admin.overtaken = [{"groups": [str(number)]} for number in range(9)]
    with pytest.raises(AdminConflict):
        edit_consumer(admin, "c", tagged)
    assert admin.asked.count(("put", "consumers", "c")) == 5


def test_a_consumer_is_only_made_on_request() -> None:
    admin = StoringAdmin()
    with pytest.raises(AdminLacks):
        edit_consumer(admin, "c", tagged)
    edit_consumer(admin, "c", tagged, create=True)
    assert document_of(admin, "c") == {"tags": ["seen"]}


def test_a_consumer_that_somebody_else_makes_meanwhile_is_not_overwritten() -> None:
    admin = StoringAdmin()
    admin.overtaken = [{"groups": ["theirs"]}]
    edit_consumer(admin, "c", tagged, create=True)
    assert document_of(admin, "c") == {"groups": ["theirs"], "tags": ["seen"]}


def test_a_document_that_is_no_mapping() -> None:
    _, admin = storing(c=["text"])
    with pytest.raises(Refused, match=r"consumers\.c is no mapping"):
        consumer(admin, "c")
    with pytest.raises(Refused, match=r"consumers\.c is no mapping"):
        edit_consumer(admin, "c", tagged)
