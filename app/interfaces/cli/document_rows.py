"""Stored entities as rows of a table. Nothing is taken for granted: what is stored may be refused."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from app.domain.entities.control import StoredEntity

Content = dict[str, Any]


class Columns(NamedTuple):
    """What a table shows of one section, between the id and whether it is enabled."""

    names: tuple[str, ...]
    cells: Callable[[Content], tuple[str, ...]]


def columns_of(section: str) -> tuple[str, ...]:
    """The names of the columns."""
    return ("id", *_SECTIONS[section].names, "enabled")


def row_of(section: str, id_: str, entity: StoredEntity) -> tuple[str, ...]:
    """The cells for one entity, by the columns of its section."""
    document = entity.document if isinstance(entity.document, dict) else {}
    if section == "chains" and isinstance(entity.document, list):
        document = {"filters": entity.document}
    return (id_, *_SECTIONS[section].cells(document), "no" if document.get("enabled") is False else "yes")


def _service(document: Content) -> tuple[str, ...]:
    return _lines(document.get("targets")), str(document.get("balance", "round_robin"))


def _issuer(document: Content) -> tuple[str, ...]:
    algorithms = _lines(document.get("algorithms")).replace("\n", " ")
    return _lines(document.get("issuer")), _lines(document.get("audience")), algorithms, _keys(document)


def _keys(document: Content) -> str:
    """Where the keys of an issuer come from."""
    if document.get("jwks"):
        return str(document["jwks"])
    if document.get("pem"):
        return _lines(document["pem"])
    return "secret" if document.get("secret") else _count(document.get("keys"), "key")


def _consumer(document: Content) -> tuple[str, ...]:
    counts = (_count(document.get(field), what) for field, what in _CREDENTIALS)
    limits = document.get("limits")
    rates = [limit.get("rate", "") for limit in limits if isinstance(limit, dict)] if isinstance(limits, list) else []
    return _lines(document.get("groups")), "\n".join(filter(None, counts)), _lines(rates)


def _chain(document: Content) -> tuple[str, ...]:
    filters = document.get("filters")
    entries = filters if isinstance(filters, list) else []
    return ("\n".join(_step(entry) for entry in entries if isinstance(entry, dict)),)


def _step(entry: Content) -> str:
    return f"use {entry['use']}" if "use" in entry else " ".join(str(name) for name in entry)


def _route(document: Content) -> tuple[str, ...]:
    match = document.get("match")
    match = match if isinstance(match, dict) else {}
    hosts, paths = (_lines(match.get(part)) or "any" for part in ("hosts", "paths"))
    return hosts, paths, _lines(match.get("methods")).replace("\n", " ") or "any", _goes_to(document)


def _lines(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_one(item) for item in value)
    return "" if value is None else str(value)


def _one(item: Any) -> str:
    return str(item.get("url", item)) if isinstance(item, dict) else str(item)


def _count(value: Any, what: str) -> str:
    if not isinstance(value, list) or not value:
        return ""
    return f"1 {what}" if len(value) == 1 else f"{len(value)} {what}s"


def _goes_to(document: Content) -> str:
    if document.get("service"):
        return f"service {document['service']}"
    if document.get("url"):
        return str(document["url"])
    for kind, detail in (("redirect", "to"), ("respond", "status")):
        value = document.get(kind)
        if isinstance(value, dict):
            return f"{kind} {value.get(detail, '')}".strip()
    return ""


_CREDENTIALS: Final = (
    ("api_keys", "API key"),
    ("basic", "password"),
    ("signatures", "signature key"),
    ("certificates", "certificate"),
    ("subjects", "subject"),
)
"""Fields of a consumer, and what each entry of them is."""

_SECTIONS: Final[Mapping[str, Columns]] = {
    "services": Columns(("targets", "balance"), _service),
    "issuers": Columns(("issuer", "audience", "algorithms", "keys"), _issuer),
    "consumers": Columns(("groups", "credentials", "limits"), _consumer),
    "chains": Columns(("filters",), _chain),
    "routes": Columns(("hosts", "paths", "methods", "goes to"), _route),
}
