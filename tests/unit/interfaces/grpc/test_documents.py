"""What callers send: what is read, and what is refused with which words."""

from typing import Any

import pytest

from app.domain.entities.control import Edit
from app.interfaces.grpc.documents import BadRequest, check_section, read_documents, read_edits
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb


def read(**edit: Any) -> list[Edit]:
    return read_edits(pb.Edits(edits=[pb.Edit(**edit)]))


def test_documents_are_read_exactly() -> None:
    text = '{"routes": {"a": {"priority": 9007199254740993, "b": [1.5, true, null, "é"]}}}'
    assert read_documents(text, "json") == {
        "routes": {"a": {"priority": 9007199254740993, "b": [1.5, True, None, "é"]}}
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "json: Input data was truncated"),
        ("[]", "json: Expected `object`, got `array`"),
        ("{]", "json: JSON is malformed"),
        ('{"routes": {"a": {"x": NaN}}}', "json: JSON is malformed"),
        ('{"routes": {"a": {}, "a": {}}}', "json: the key 'a' stands twice in one object"),
        ("[" * 100_000, "json: Expected `object`"),
        ('{"a":' + "[" * 100_000, "json: is nested too deeply"),
    ],
)
def test_text_that_is_no_configuration(text: str, words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_documents(text, "json")
    assert str(refused.value).startswith(words)


def test_edits() -> None:
    assert read(section="routes", id="a", json='{"x": 1}') == [Edit("routes", "a", {"x": 1})]
    assert read(section="routes", id="a", json="{}", expected_version="") == [Edit("routes", "a", {}, "")]
    assert read(section="services", id="a", remove=True, expected_version="v") == [Edit("services", "a", None, "v")]


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"section": "things", "id": "a", "json": "{}"}, "edits[0].section: unknown section 'things'; one of services"),
        ({"section": "routes", "json": "{}"}, "edits[0].id: is empty"),
        ({"section": "routes", "id": "a"}, "edits[0]: give json, or remove: true"),
        ({"section": "routes", "id": "a", "remove": False}, "edits[0]: give json, or remove: true"),
        ({"section": "routes", "id": "a", "json": "null"}, "edits[0].json: Expected `object | array`, got `null`"),
        ({"section": "routes", "id": "a", "json": '{"x": 1, "x": 2}'}, "edits[0].json: the key 'x' stands twice"),
    ],
)
def test_edits_that_cannot_be_understood(edit: dict[str, Any], words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(**edit)
    assert str(refused.value).startswith(words)


def test_an_entity_is_in_the_list_once() -> None:
    edit = pb.Edit(section="routes", id="a", remove=True)
    with pytest.raises(BadRequest, match=r"edits\[1\]: routes.a is in the list twice"):
        read_edits(pb.Edits(edits=[edit, edit]))
    with pytest.raises(BadRequest, match="there is none"):
        read_edits(pb.Edits())


def test_sections() -> None:
    check_section("services", "section")
    with pytest.raises(BadRequest, match="unknown section 'x'; one of services, issuers, consumers, chains, routes"):
        check_section("x", "section")
