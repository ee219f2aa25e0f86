"""What decodes entities whose filters are all good, and knows what some of them name. Not a test."""

from collections.abc import Mapping
from typing import Any

from app.infrastructure.config.entity_decoder import EntityDecoder
from app.infrastructure.config.entity_judge import Checks
from app.infrastructure.config.secrets import SecretReader


def names(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """`use` names a chain, `jwt` an issuer."""
    [(name, options)] = entry.items()
    if name == "use":
        return [("chains", options)]
    return [("issuers", options["issuer"])] if name == "jwt" else []


def decoder(environment: Mapping[str, str] | None = None) -> EntityDecoder:
    """Takes any filter."""
    checks = Checks(lambda _: [], lambda _: [], filter_references=names)
    return EntityDecoder(checks, SecretReader(environment or {}))
