"""Every section of a configuration, most of them empty. Not a test."""

from typing import Any

from app.domain.entities.config import SECTIONS


def sections(**given: Any) -> dict[str, Any]:
    """Section to what is given for it, else to nothing."""
    return {section: given.get(section, {}) for section in SECTIONS}
