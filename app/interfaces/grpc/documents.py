"""Reads what callers send: configurations and edits as JSON text. Not for whether they are right: AdminService."""

import json
from typing import Any

import msgspec

from app.domain.entities.config import SECTIONS
from app.domain.entities.control import Documents, Edit
from app.interfaces.grpc.generated.gateway.v1 import config_pb2 as pb


class BadRequest(Exception):
    """A message that cannot be understood: a line that says where and what to do."""


def read_documents(text: str, place: str) -> Documents:
    """A whole configuration; `place` is the field that holds it. Raises BadRequest for what is no object of JSON.

    What sections there are, and what is in them, is for AdminService to judge, which tells every mistake.
    """
    documents: Documents = _read(text, place, dict[str, Any])
    return documents


def read_edits(edits: pb.Edits) -> list[Edit]:
    """Edits in their order. Raises BadRequest."""
    read = [_edit(edit, f"edits[{index}]") for index, edit in enumerate(edits.edits)]
    if not read:
        raise BadRequest("edits: there is none; give at least one")
    seen: set[tuple[str, str]] = set()
    for index, edit in enumerate(read):
        if (edit.section, edit.id) in seen:
            raise BadRequest(f"edits[{index}]: {edit.section}.{edit.id} is in the list twice; give its last state only")
        seen.add((edit.section, edit.id))
    return read


def check_section(section: str, place: str) -> None:
    """Raises BadRequest for a section that does not exist."""
    if section not in SECTIONS:
        raise BadRequest(f"{place}: unknown section {section[:64]!r}; one of {', '.join(SECTIONS)}")


def _edit(edit: pb.Edit, place: str) -> Edit:
    check_section(edit.section, f"{place}.section")
    if not edit.id:
        raise BadRequest(f"{place}.id: is empty; give the id of the entity")
    expected = edit.expected_version if edit.HasField("expected_version") else None
    if edit.WhichOneof("change") == "json":
        return Edit(edit.section, edit.id, _read(edit.json, f"{place}.json", dict[str, Any] | list[Any]), expected)
    # A field that was left out, or was set to false by mistake, must not remove anything.
    if not edit.remove:
        raise BadRequest(f"{place}: give json, or remove: true")
    return Edit(edit.section, edit.id, None, expected)


def _read(text: str, place: str, kind: Any) -> Any:
    try:
        value = msgspec.json.decode(text, type=kind)
        json.loads(text, object_pairs_hook=_once)
    except (msgspec.DecodeError, ValueError) as error:
        raise BadRequest(f"{place}: {error}") from None
    except _Twice as error:
        raise BadRequest(f"{place}: the key {error.key[:64]!r} stands twice in one object") from None
    except RecursionError:
        raise BadRequest(f"{place}: is nested too deeply") from None
    return value


class _Twice(Exception):
    def __init__(self, key: str) -> None:
        self.key = key


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuses an object with a key that stands there twice: msgspec would keep the last, and lose an entity."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _Twice(key)
        seen.add(key)
