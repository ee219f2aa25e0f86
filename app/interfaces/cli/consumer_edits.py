"""Changes one consumer of a running gateway, whoever changes it meanwhile. Not for what is changed: `credentials`."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from app.domain.admin_ports import AdminApi, AdminConflict, AdminLacks
from app.domain.entities.control import Document, Outcome
from app.interfaces.cli.toolbox import Refused

SECTION: Final = "consumers"

_ATTEMPTS: Final = 5
"""Each fails only when somebody else wrote in the moment between reading and writing."""

Change = Callable[[Document], Document]
"""The new document of a consumer from what is stored. Raises Refused."""


def consumer(api: AdminApi, id_: str) -> Mapping[str, Any]:
    """The document of a consumer. Raises Refused for what is no mapping."""
    return _mapping(id_, api.entity(SECTION, id_).document)


def edit_consumer(api: AdminApi, id_: str, change: Change, *, create: bool = False) -> Outcome:
    """Store what `change` makes of the consumer; an empty one is there for it to change when `create` says so.

    Raises Refused, and what AdminApi raises: AdminConflict only when somebody else is faster every time.
    """
    for _ in range(_ATTEMPTS - 1):
        with contextlib.suppress(AdminConflict):
            return _edit(api, id_, change, create=create)
    return _edit(api, id_, change, create=create)


def _edit(api: AdminApi, id_: str, change: Change, *, create: bool) -> Outcome:
    try:
        stored = api.entity(SECTION, id_)
    except AdminLacks:
        if not create:
            raise
        return api.put(SECTION, id_, change({}), "")
    return api.put(SECTION, id_, change(_mapping(id_, stored.document)), stored.version)


def _mapping(id_: str, document: Document) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise Refused(f"{SECTION}.{id_} is no mapping: put it right by `gateway consumers put`")
    return document
