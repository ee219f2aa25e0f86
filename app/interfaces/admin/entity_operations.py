"""The calls for the entities of one section, as values. Not for what they do: EntityController."""

from typing import Final

from app.interfaces.admin.bodies import JSON, MERGE_PATCH
from app.interfaces.admin.entity_controller import LARGEST_PAGE, PAGE, EntityController
from app.interfaces.admin.operations import Answer, Operation, Parameter, Schema
from app.interfaces.admin.schemas import DOCUMENT, TEXT, list_of, object_of, ref

_IF_MATCH: Final = Parameter("If-Match", "header", "The entity tag that must still be stored, or `*`.", TEXT)
_IF_NONE_MATCH: Final = Parameter("If-None-Match", "header", "`*`: nothing may be stored.", TEXT)
_CACHED: Final = Parameter("If-None-Match", "header", "The entity tag that the caller already has.", TEXT)
_PAGING: Final = (
    Parameter("tag", "query", "Only what has this tag.", TEXT),
    Parameter(
        "limit",
        "query",
        "How many at most.",
        {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE},
    ),
    Parameter("after", "query", "Only ids behind this one: `next` of the page before.", TEXT),
)
_ROW: Final = object_of({"id": TEXT, "document": DOCUMENT, "version": TEXT})
_PAGE: Final = object_of({"items": list_of(_ROW), "next": TEXT}, optional=("next",))
_BODY: Final = (400, 408, 413, 415, 422)
_WRITE: Final = (409, 412)


def entity_operations(controller: EntityController, section: str, kind: str, body: Schema) -> tuple[Operation, ...]:
    """Every call of a section; `kind` is what its entities are called, `body` what one may be."""
    path = f"/{section}/{{id}}"
    id_ = Parameter("id", "path", "The id; a slash in it is written as %2F.", {"type": "string", "minLength": 1})
    conditions = (id_, _IF_MATCH, _IF_NONE_MATCH)
    changed = Answer(200, "It is stored.", ref("Outcome"), ("ETag",))
    one = f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind.lower()}"
    return (
        Operation(
            "GET", f"/{section}", f"list{kind}s", f"What is stored of {section}, by id.", controller.list,
            (Answer(200, "A page.", _PAGE),), (400,), _PAGING,
        ),
        Operation(
            "GET", path, f"get{kind}", f"The document of {one}.", controller.get,
            (Answer(200, "As it is stored.", DOCUMENT, ("ETag",)), Answer(304, "The caller has it.", None, ("ETag",))),
            (404,), (id_, _CACHED),
        ),
        Operation(
            "PUT", path, f"put{kind}", f"Create or replace {one}.", controller.put,
            (changed, Answer(201, "It was created.", ref("Outcome"), ("ETag", "Location"))),
            (404, *_BODY, *_WRITE), conditions, body, JSON, writes=True,
        ),
        Operation(
            "PATCH", path, f"patch{kind}", f"Change parts of {one} (RFC 7396).", controller.patch,
            (changed,), (404, *_BODY, *_WRITE), conditions, {"type": "object"}, MERGE_PATCH, writes=True,
        ),
        Operation(
            "DELETE", path, f"delete{kind}", f"Remove {one} that nothing uses.", controller.delete,
            (Answer(204, "It is removed."),), (404, 422, *_WRITE), conditions, writes=True,
        ),
    )  # fmt: skip
