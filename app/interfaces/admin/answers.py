"""Makes answers of values. Not for refusals: those are in `problems`."""

from collections.abc import Mapping
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from app.domain.entities.control import Outcome


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`value` as JSON."""
    return Response(msgspec.json.encode(value), status, headers, media_type="application/json")


def outcome_answer(outcome: Outcome, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """What a change led to."""
    return json_answer(outcome, status, {**revision_field(outcome.revision), **(headers or {})})


def revision_field(revision: int) -> dict[str, str]:
    """The field that tells the revision, when it is known."""
    return {"x-gateway-revision": str(revision)} if revision else {}


def etag_field(version: str) -> dict[str, str]:
    """The strong entity tag of a version (RFC 9110 section 8.8.3)."""
    return {"etag": f'"{quote(version, safe="!#$%&()*+,-./:;<=>?@[]^_`{|}~")}"'}
