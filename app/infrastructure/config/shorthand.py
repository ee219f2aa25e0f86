"""What users may write more simply than the types say, and the one form of a route that the gateway works with."""

from collections.abc import Mapping

import msgspec

from app.domain.entities.route import Route


def spelled_out(section: str, value: object) -> object:
    """An entity as the types say, of what its author wrote."""
    if section == "services":
        return spell_out_service(value)
    if section == "issuers":
        return spell_out_issuer(value)
    return spell_out_chain(value) if section == "chains" else value


def spell_out_service(value: object) -> object:
    """Statuses to retry on may be numbers: `on: [reset, 503]`."""
    if not isinstance(value, dict):
        return value
    retries = value.get("retries")
    on = retries.get("on") if isinstance(retries, dict) else None
    if not isinstance(retries, dict) or not isinstance(on, list):
        return value
    named = [str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in on]
    return {**value, "retries": {**retries, "on": named}}


def spell_out_issuer(value: object) -> object:
    """One audience may stand by itself: `audience: api`."""
    if isinstance(value, dict) and isinstance(value.get("audience"), str):
        return {**value, "audience": [value["audience"]]}
    return value


def spell_out_chain(value: object) -> object:
    """A chain may be its filters."""
    return {"filters": value} if isinstance(value, list) else value


def canonical_route(route: Route) -> Route:
    """Names of header fields in lower case, as messages have them here."""
    match, respond = route.match, route.respond
    if _mixed(match.headers):
        match = msgspec.structs.replace(match, headers=_lower(match.headers))
    if respond is not None and _mixed(respond.headers):
        respond = msgspec.structs.replace(respond, headers=_lower(respond.headers))
    if match is route.match and respond is route.respond:
        return route
    return msgspec.structs.replace(route, match=match, respond=respond)


def _mixed(fields: Mapping[str, str]) -> bool:
    """Whether any name is not in lower case yet: most are."""
    return any(name != name.lower() for name in fields)


def _lower(fields: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in fields.items()}
