"""Stored entities as rows of a table. Nothing is taken for granted: what is stored may be refused."""

from typing import Any, Final

from app.domain.entities.control import StoredEntity

COLUMNS: Final = {
    "routes": ("id", "hosts", "paths", "methods", "goes to", "enabled"),
    "services": ("id", "targets", "balance", "enabled"),
}


def row_of(section: str, id_: str, entity: StoredEntity) -> tuple[str, ...]:
    """The cells for one entity, by the columns of its section."""
    document = entity.document if isinstance(entity.document, dict) else {}
    enabled = "no" if document.get("enabled") is False else "yes"
    if section == "services":
        return id_, _lines(document.get("targets")), str(document.get("balance", "round_robin")), enabled
    match = document.get("match")
    match = match if isinstance(match, dict) else {}
    hosts, paths = (_lines(match.get(part)) or "any" for part in ("hosts", "paths"))
    return id_, hosts, paths, _lines(match.get("methods")).replace("\n", " ") or "any", _goes_to(document), enabled


def _lines(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(_one(item) for item in value)
    return "" if value is None else str(value)


def _one(item: Any) -> str:
    return str(item.get("url", item)) if isinstance(item, dict) else str(item)


def _goes_to(document: dict[str, Any]) -> str:
    if document.get("service"):
        return f"service {document['service']}"
    if document.get("url"):
        return str(document["url"])
    for kind, detail in (("redirect", "to"), ("respond", "status")):
        value = document.get(kind)
        if isinstance(value, dict):
            return f"{kind} {value.get(detail, '')}".strip()
    return ""
